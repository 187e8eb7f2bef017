import { availableParallelism, cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Random } from '../offline/random.ts';
import { photographs } from '../scripts/demo/photographs.ts';
import { type RunningStack, startStack } from '../test/support/stack.ts';
import { burst } from './upload/burst.ts';
import { type Latency, measure } from './upload/latency.ts';
import { courseOf, watchStack } from './upload/memory.ts';
import { pictures } from './upload/pictures.ts';

/**
 * `npm run bench:upload -- [DIR] [--burst 1000]`: how long it takes from the last byte of an upload until the photo
 * is ready, for made-up photos of two sizes or those of a folder, one and twenty at a time, against a stack of its own;
 * then a burst of small photos, none of which may be lost, made, announced or told twice, with memory that stays
 * flat. Without a folder, --burst is the burst alone. Ends with 1 where a promise is broken or time is up.
 */

const SEED = 1;
const AT_ONCE = 20;
const BURST = 1_000;
/** Pixels of a photo of the burst. */
const TINY = [160, 120] as const;
/** Photos of a burst before, after which the workers that it takes are there: they must not count as growth. */
const WARMING = 60;
/** After this everything is ended and counts as broken. */
const DEADLINE_MS = 30 * 60_000;
/** How much more memory the second half of a burst may take at most than the first: what grew with each photo would. */
const MORE_MEMORY = 1.1;
/** Workers that rest give back what a burst took: five seconds, and the collection of their garbage. */
const REST_MS = 10_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { burst: { type: 'string' } },
});
const [folder] = positionals;
const size = Number(values.burst ?? BURST);
if (!(Number.isInteger(size) && size > 0 && positionals.length < 2)) {
  console.error(`Expected at most one folder and a whole number for --burst, got ${process.argv.slice(2)}.`);
  process.exit(2);
}

const random = new Random(SEED);
console.log(
  `Node ${process.version}, ${availableParallelism()} processors (${cpus()[0]?.model}), load ${load()} before`,
);
// The lines of the functions say when photos are ready.
const stack = await startStack({ args: ['--param=logLevel=INFO'] });
const late = sleep(DEADLINE_MS, [`not done after ${DEADLINE_MS / 60_000} minutes`], { ref: false });
const broken = await Promise.race([run(stack), late]).catch((error: Error) => [error.message]);
await stack.stop();
for (const violation of broken) console.log(`BROKEN: ${violation}`);
process.exit(broken.length > 0 ? 1 : 0);

async function run(stack: RunningStack): Promise<string[]> {
  if (folder || values.burst === undefined) await latencies(stack);
  return await burstWithin(stack);
}

async function latencies(stack: RunningStack): Promise<void> {
  console.log(
    'From the answer of S3 to the upload until the table has the photo ready, by the thumbnailer’s own line: ' +
      'to the millisecond, and nobody polls. Functions are warm.',
  );
  for (const [name, files] of await sets()) {
    await measure(stack, files, AT_ONCE, 2);
    for (const [count, atATime] of [
      [AT_ONCE, 1],
      [3 * AT_ONCE, AT_ONCE],
    ] as const) {
      const latency = await measure(stack, files, count, atATime);
      console.log(`${name}, ${atATime} at a time, ${count} photos: ${inWords(latency)}; load ${load()}`);
    }
  }
  console.log(`${await stack.workers()} workers are left, threads of the one process of the stack`);
}

async function sets(): Promise<readonly (readonly [string, readonly Buffer[]])[]> {
  if (folder) return [[folder, (await photographs(folder)).map(({ bytes }) => bytes)]];
  return [
    ['0.5 MP', await pictures(random, AT_ONCE, 820, 615)],
    ['12 MP', await pictures(random, AT_ONCE / 2, 4_000, 3_000)],
  ];
}

function inWords({ ways, callsMs }: Latency): string {
  const of = (part: (way: Latency['ways'][number]) => number) => {
    const sorted = ways.map(part).sort((a, b) => a - b);
    return `p50 ${quantile(sorted, 0.5)}, p95 ${quantile(sorted, 0.95)} ms`;
  };
  return (
    `ready after ${of(({ total }) => total)}; until a thumbnailer begins ${of(({ waiting }) => waiting)}; ` +
    `in the thumbnailer ${of(({ working }) => working)}, ` +
    `of these a photo ${callsMs.dynamodb.toFixed(0)} ms in calls of the table, ${callsMs.s3.toFixed(0)} ms of S3`
  );
}

/** By the nearest rank. */
function quantile(sorted: readonly number[], share: number): string {
  return (sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN).toFixed(0);
}

async function burstWithin(stack: RunningStack): Promise<string[]> {
  const files = await pictures(random, size, ...TINY);
  const { violations: before } = await burst(stack, files.slice(0, WARMING));
  const watch = watchStack(stack);
  const { senders, startedAt, handedInMs, doneMs, violations: after } = await burst(stack, files);
  const violations = [...before, ...after];
  const during = watch.stop().filter(({ at }) => at >= startedAt && at <= startedAt + doneMs);
  const course = courseOf(during);
  console.log(
    `Burst of ${size} photos by ${senders} people: handed in within ${inSeconds(handedInMs)}, ` +
      `all ready, announced and told after ${inSeconds(doneMs)} (${((1_000 * size) / doneMs).toFixed(1)} a second), ` +
      `${violations.length} promises broken; load ${load()}`,
  );
  if (!course) return violations;
  const rest = watchStack(stack);
  await sleep(REST_MS);
  const { end: rested = Number.NaN } = courseOf(rest.stop()) ?? {};
  const { start, firstHalf, secondHalf, end, workers } = course;
  console.log(
    `Memory of all its processes: ${start.toFixed(0)} MB at the start, at most ${firstHalf.toFixed(0)} MB in the ` +
      `first half and ${secondHalf.toFixed(0)} MB in the second, ${end.toFixed(0)} MB at the end, ` +
      `${rested.toFixed(0)} MB after ${REST_MS / 1_000} s of rest; ${workers} workers at most`,
  );
  if (secondHalf <= MORE_MEMORY * firstHalf) return violations;
  return [...violations, `the second half took more than ${MORE_MEMORY} of the memory of the first`];
}

function inSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function load(): string {
  return loadavg()
    .map((average) => average.toFixed(2))
    .join(' ');
}
