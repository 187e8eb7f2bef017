import { writeFile } from 'node:fs/promises';
import { drawnGoldens } from '../test/support/pictures/goldens.ts';

/** `npm run goldens`: makes what filters do now what tests expect of them. The sheet is to be looked at before. */
const { file, bytes, namesFile, names } = await drawnGoldens();
await writeFile(file, bytes);
await writeFile(namesFile, `${JSON.stringify(names, undefined, 2)}\n`);
console.log(`${names.length} pictures, ${Math.round(bytes.length / 1_000)} kB`);
