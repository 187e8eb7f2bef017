import { readFileSync, writeFileSync } from 'node:fs';
import { load, serialize } from '../../lib/recommendations/artefact.ts';
import { randomFrom } from '../../lib/recommendations/random.ts';
import { recommend } from '../../lib/recommendations/recommend.ts';
import { train } from '../../lib/recommendations/train.ts';
import { madeUpWorld, photoName } from '../../test/support/made-up-tastes.ts';

/**
 * One measurement in a process of its own: `train FILE people photos events` makes up a world, learns from it and
 * writes the artefact; `answer FILE photos` loads it and answers. Each prints one line of JSON.
 */
const [task, file = '', ...sizes] = process.argv.slice(2);
const ANSWERS = 300;
const PROFILE = 50;

if (task === 'train') {
  const [people = 0, photos = 0, events = 0] = sizes.map(Number);
  const world = madeUpWorld({ people, photos, events, seed: 1 });
  const meter = startMeter();
  const model = train(world.interactions, world.items);
  const cost = meter();
  const bytes = serialize(model);
  writeFileSync(file, bytes);
  print({ ...cost, pairs: world.interactions.persons.length, artefactMb: bytes.length / 1e6 });
} else {
  const photos = Number(sizes[0]);
  const bytes = readFileSync(file);
  const loading = startMeter();
  const model = load(bytes);
  const loaded = loading();
  const first = startMeter();
  recommend(model, profileOf(0, photos, model.until), { limit: 20 });
  const cold = first();
  const all = startMeter();
  const answers = Array.from({ length: ANSWERS }, (_, number) => {
    const meter = startMeter();
    recommend(model, profileOf(number, photos, model.until), { limit: 20, seed: number });
    return meter().ms;
  }).sort((a, b) => a - b);
  print({
    loadMs: loaded.ms,
    loadCpuMs: loaded.cpuMs,
    firstMs: cold.ms,
    cpuMs: all().cpuMs / ANSWERS,
    p50: answers[ANSWERS >> 1],
    p99: answers[Math.floor(ANSWERS * 0.99)],
    rssMb: loaded.rssMb,
  });
}

/** Somebody who looked at photos here and there. */
function profileOf(number: number, photos: number, now: number) {
  const random = randomFrom(number);
  return Array.from({ length: PROFILE }, (_, age) => ({
    photoId: photoName(Math.floor(photos * random() ** 2)),
    type: 'view',
    at: now - age * 60_000,
  }));
}

/** What has gone by since the start: on the clock, on the processor, and the most memory of the process so far. */
function startMeter() {
  const from = performance.now();
  const cpu = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return {
      ms: performance.now() - from,
      cpuMs: (user + system) / 1_000,
      rssMb: process.resourceUsage().maxRSS / 1_024,
    };
  };
}

function print(numbers: object): void {
  console.log(JSON.stringify(numbers));
}
