import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { expectationsOf, filesUnder } from './demo/manifest.ts';
import { type Member, memberOf, type PhotoView } from './demo/member.ts';
import { memoryOf, watchMemory } from './demo/memory.ts';
import { demoStack } from './demo/stack.ts';
import { type Answer, describe, faultsOf } from './folder/judge.ts';

/** What a process with every function in it, and the tree of processes around it, may take, in MB. */
const MOST = { largest: 1_024, tree: 1_536 } as const;

/**
 * `npm run e2e:folder -- DIR`: hands in every file of a folder, its sub-folders included, once through the API and
 * once straight to S3, and prints what became of each. A photo that is ready has to be upright, in sRGB, without
 * metadata and of exact sizes; where the folder has a MANIFEST.tsv, each answer has to be the one that it expects.
 * Ends with 1 where one is not, where a photo is still being worked on, the API does not answer any more, or memory
 * went beyond its bounds.
 */
async function main(folder: string | undefined): Promise<void> {
  if (folder === undefined) throw new Error('Expected a folder, as in "npm run e2e:folder -- photos/".');
  const expectations = await expectationsOf(folder);
  const stack = await demoStack();
  try {
    const [sender, uploader] = await Promise.all([
      memberOf(stack.endpoint, 'folder.api'),
      memberOf(stack.endpoint, 'folder.s3'),
    ]);
    const ways: readonly Way[] = [
      ['through the API', sender, (bytes) => sender.sendPhoto(bytes, '')],
      ['through S3', uploader, (bytes) => uploader.uploadPhoto(bytes, '')],
    ];
    const before = memoryOf(stack.pid);
    const memory = watchMemory(stack.pid);
    let [answers, wrong] = [0, 0];
    for (const file of await filesUnder(folder)) {
      const name = relative(folder, file);
      const bytes = await readFile(file);
      for (const [way, member, send] of ways) {
        const started = performance.now();
        const answer = await answerTo(member, send(bytes));
        const took = Math.round(performance.now() - started);
        const faults = await faultsOf(bytes, answer, expectations.get(name));
        answers += 1;
        wrong += Math.sign(faults.length);
        const verdict = faults.length > 0 ? `WRONG: ${faults.join('; ')}` : 'ok';
        console.log([name, way, describe(answer), `${took} ms`, verdict].join('\t'));
      }
    }
    const most = memory.stop();
    const unfinished = (await Promise.all([sender.unfinished(), uploader.unfinished()])).flat();
    const health = await fetch(`${stack.endpoint.api}/health`);
    const problems = [
      ...(wrong > 0 ? [`${wrong} of ${answers} answers are not as expected`] : []),
      ...(unfinished.length > 0 ? [`still being worked on: ${unfinished.join(', ')}`] : []),
      ...(health.ok ? [] : [`/health answers ${health.status}`]),
    ];
    console.log(`${answers} answers, ${wrong} wrong; ${unfinished.length} photos still being worked on`);
    if (before && most) {
      console.log(`memory before: ${inMb(before)}; at most: ${inMb(most)}`);
      if (most.largest > MOST.largest || most.tree > MOST.tree)
        problems.push(`more memory than ${inMb(MOST)}`);
    }
    if (problems.length > 0) throw new Error(`${problems.join('; ')}.`);
  } finally {
    await stack.stop();
  }
}

type Way = readonly [name: string, member: Member, send: (bytes: Buffer) => Promise<PhotoView>];

async function answerTo(member: Member, sent: Promise<PhotoView>): Promise<Answer> {
  try {
    return await member.settled((await sent).id);
  } catch (error) {
    const refusal = /answered (\d+): .*"code":"([\w-]+)"/s.exec((error as Error).message);
    if (!refusal) throw error;
    return { status: Number(refusal[1]), code: refusal[2] as string };
  }
}

function inMb({ largest, tree }: { readonly largest: number; readonly tree: number }): string {
  return `${largest.toFixed(0)} MB the largest process, ${tree.toFixed(0)} MB all`;
}

await main(process.argv[2]).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
