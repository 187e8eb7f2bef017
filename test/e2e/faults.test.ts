import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { underFaults } from '../../bench/crash/chaos.ts';

const folder = join(import.meta.dirname, '../../faults');
const bundles = join(inject('packaged'), '.build', 'bundles');

it.each(['everything.json', 'lost-answers.json', 'duplicates.json', 'crashing.json'])(
  'nothing is lost or done twice under %s',
  async (file) => {
    const found = await underFaults({ faults: join(folder, file), seed: 1, deeds: 9, bundles });
    expect(found.violations).toEqual([]);
    expect([...found.met.values()].reduce((sum, times) => sum + times)).toBeGreaterThan(10);
    expect(found.photos).toBeGreaterThan(5);
    expect(found.announcements).toBeGreaterThan(10);
    expect(found.interactions).toBeGreaterThan(10);
  },
);
