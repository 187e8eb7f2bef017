import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { filterSheet } from './demo/filter-sheet.ts';
import { photographs } from './demo/photographs.ts';

/** Of those that come with the project the one with the most colours. */
const SHOWN = 'allium oreophilum';

/**
 * `npm run demo:filters [-- PHOTO]`: a contact sheet of every filter and every look, done to the reader's own photo
 * or to one that comes with the project.
 */
async function main(file: string | undefined): Promise<void> {
  const packed = (await photographs(undefined)).find(({ title }) => title === SHOWN);
  const bytes = file === undefined ? packed?.bytes : await readFile(file);
  if (!bytes) throw new Error(`Expected a photograph "${SHOWN}" among those of the project.`);
  const sheet = join('.local', 'demo', 'filters.png');
  await mkdir(join('.local', 'demo'), { recursive: true });
  const { png, count } = await filterSheet(bytes);
  await writeFile(sheet, png);
  console.log(`${count} filters and looks: ${relative(process.cwd(), sheet)}`);
}

await main(process.argv[2]).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
