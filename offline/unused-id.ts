import type { Random } from './random.ts';

/** A UUID that isn't taken yet: after a restart with the same seed the random source repeats itself. */
export function unusedId(random: Random, isTaken: (id: string) => boolean): string {
  let id = random.uuid();
  while (isTaken(id)) id = random.uuid();
  return id;
}
