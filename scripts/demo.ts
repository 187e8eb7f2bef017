import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Member, memberOf, type PhotoView } from './demo/member.ts';
import { photographs } from './demo/photographs.ts';
import { contactSheet } from './demo/sheet.ts';
import { demoStack } from './demo/stack.ts';

const NAMES = ['ana', 'ben', 'cleo'];

/**
 * `npm run demo [-- FOLDER]`: three people follow each other and share ten photographs, those that come with
 * the project or the reader's own. Uses the stack that runs, or starts one of its own and ends it.
 */
async function main(folder: string | undefined): Promise<void> {
  const stack = await demoStack();
  try {
    const people = await Promise.all(NAMES.map((name) => memberOf(stack.endpoint, name)));
    for (const follower of people) {
      for (const person of people) if (person !== follower) await follower.follow(person);
    }
    console.log(`${NAMES.join(', ')} have signed in at ${stack.endpoint.api} and follow each other.\n`);

    const shared: { title: string; photo: PhotoView }[] = [];
    for (const [index, { title, bytes }] of (await photographs(folder)).entries()) {
      const person = people[index % people.length] as Member;
      shared.push({ title, photo: await share(person, title, bytes, index) });
    }
    for (const person of people) await show(person, shared.length);

    const sheet = join('.local', 'demo', 'contact-sheet.png');
    await mkdir(join('.local', 'demo'), { recursive: true });
    await writeFile(sheet, await contactSheet(shared.map(({ photo }) => photo)));
    console.log(`\nEvery rendition of every photo: ${relative(process.cwd(), sheet)}`);
  } finally {
    await stack.stop();
  }
}

async function share(person: Member, title: string, bytes: Buffer, index: number): Promise<PhotoView> {
  const started = performance.now();
  const way = index % 2 === 0 ? 'through the API' : 'straight to S3';
  const photo = await (index % 2 === 0 ? person.sendPhoto(bytes, title) : person.uploadPhoto(bytes, title));
  const ready = await person.settled(photo.id);
  const took = Math.round(performance.now() - started);
  const outcome = ready.rejection
    ? `${ready.status}: ${ready.rejection.detail}`
    : `${ready.status}, ${ready.width}x${ready.height}, ${ready.renditions.length} renditions`;
  console.log(
    `${String(index + 1).padStart(2)}. ${person.name} shared "${title}" ${way}: ${outcome} in ${took} ms`,
  );
  return ready;
}

async function show(person: Member, shared: number): Promise<void> {
  const { feed, inbox } = await person.whenTold(shared);
  console.log(
    `\n${person.name}'s feed: ${feed.map(({ owner, caption }) => `${caption} (${owner.handle})`).join(', ')}`,
  );
  const told = inbox.map(({ type, actor }) => (actor ? `${type} by ${actor.handle}` : type));
  const counts = [...new Set(told)].map(
    (line) => `${line} x${told.filter((other) => other === line).length}`,
  );
  console.log(`${person.name}'s inbox: ${counts.join(', ')}`);
}

await main(process.argv[2]).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
