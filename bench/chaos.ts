import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { underFaults } from './crash/chaos.ts';

/**
 * `npm run chaos -- [FILE...] [--seed N] [--deeds N]`: people use a stack under each fault file, those of
 * `faults/` if none is named. Ends with 1 where something that was acknowledged is lost or there twice.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: '1' }, deeds: { type: 'string', default: '20' } },
});
const [seed, deeds] = [Number(values.seed), Number(values.deeds)];
if (!(Number.isInteger(seed) && Number.isInteger(deeds) && deeds > 0)) {
  console.error(`Expected whole numbers for --seed and --deeds, got ${values.seed} and ${values.deeds}.`);
  process.exit(2);
}
const folder = new URL('../faults', import.meta.url).pathname;
const files = positionals.length > 0 ? positionals : readdirSync(folder).map((name) => join(folder, name));

for (const faults of files) {
  const { met, photos, items, announcements, interactions, violations } = await underFaults({
    faults,
    seed,
    deeds,
  });
  const times = [...met.values()].reduce((sum, count) => sum + count, 0);
  console.log(
    `${faults.split('/').at(-1)}, seed ${seed}: ${times} faults met; ${photos} photos, ${items} items, ` +
      `${announcements} announcements, ${interactions} interactions, ${violations.length} violations`,
  );
  for (const violation of violations) console.log(`  VIOLATION ${violation}`);
  if (violations.length > 0) process.exitCode = 1;
}
