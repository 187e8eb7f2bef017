import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { crashRounds } from '../../bench/crash/crash.ts';

it('comes back from kill -9 under load with all that it acknowledged, each once', async () => {
  const bundles = join(inject('packaged'), '.build', 'bundles');
  const { rounds } = await crashRounds({ rounds: 3, seed: 2, bundles });
  expect(rounds.flatMap(({ violations }) => violations)).toEqual([]);
  expect(rounds.at(-1)?.photos).toBeGreaterThan(5);
  expect(rounds.at(-1)?.interactions).toBeGreaterThan(5);
});
