import type { Interactions, Items } from '../../lib/recommendations/interactions.ts';
import { randomFrom } from '../../lib/recommendations/random.ts';

/** How large a made-up world is. */
export interface WorldSize {
  readonly people: number;
  readonly photos: number;
  /** Roughly, of all people together. */
  readonly events: number;
  readonly seed: number;
}

export interface World {
  readonly interactions: Interactions;
  readonly items: Items;
}

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const DAYS = 180;
const KINDS = 12;
const ALBUM = 8;

/**
 * Made-up people who look at made-up photos: few photos are known by most and most by few, each person likes two kinds
 * of photos of twelve and changes one of them in time, photos are looked at when they are young, and who looks at one
 * photo of an album often goes on to the next. Everything follows from the seed.
 */
export function madeUpWorld({ people, photos, events, seed }: WorldSize): World {
  const random = randomFrom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const kinds = Array.from({ length: photos }, (_, photo) => (Math.floor(photo / ALBUM) * 7) % KINDS);
  const all = [...kinds.keys()];
  const byKind = Array.from({ length: KINDS }, (_, kind) => all.filter((photo) => kinds[photo] === kind));
  const born = Array.from({ length: photos }, () => START + random() ** 2 * DAYS * DAY);
  // Which rank a photo has among its kind is no function of its number.
  for (const list of byKind) list.sort((a, b) => ((a * 7_919) % photos) - ((b * 7_919) % photos));

  const columns = {
    persons: [] as string[],
    photos: [] as string[],
    types: [] as string[],
    times: [] as number[],
  };
  for (let person = 0; person < people; person += 1) {
    const likes = [below(KINDS), below(KINDS), below(KINDS)];
    const length = 2 + Math.floor((events / people - 2) * -Math.log(1 - random()));
    const arrival = random() * 0.9;
    let last = -1;
    for (let event = 0; event < length; event += 1) {
      const when = arrival + ((1 - arrival) * event) / length;
      const kind = likes[random() < 0.6 ? 0 : when < 0.5 ? 1 : 2] as number;
      const list = random() < 0.1 ? all : (byKind[kind] as number[]);
      const time = START + when * DAYS * DAY;
      const goesOn = last >= 0 && (last + 1) % ALBUM !== 0 && last + 1 < photos && random() < 0.35;
      last = goesOn ? last + 1 : drawn(list, born, time, random);
      columns.persons.push(`person-${person}`);
      columns.photos.push(photoName(last));
      columns.types.push(random() < 0.3 ? 'like' : 'view');
      columns.times.push(time);
    }
  }
  return {
    interactions: columns,
    items: {
      photos: all.map(photoName),
      tags: all.map((photo) => [
        `kind-${kinds[photo]}`,
        `album-${Math.floor(photo / ALBUM) % 97}`,
        `light-${(photo * 31) % 5}`,
      ]),
      owners: all.map((photo) => `owner-${Math.floor(photo / (ALBUM * 2))}`),
      createdAt: born,
    },
  };
}

/** Ids as those of the service: 26 characters. */
export function photoName(photo: number): string {
  const random = randomFrom(photo);
  const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const tail = Array.from({ length: 16 }, () => letters[Math.floor(random() * 32)]).join('');
  return `01K${photo.toString(36).toUpperCase().padStart(7, '0')}${tail}`;
}

/** A photo of a list by Zipf's law, of several the one whose age suits best. */
function drawn(list: readonly number[], born: readonly number[], time: number, random: () => number): number {
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let draw = 0; draw < 3; draw += 1) {
    const photo = list[Math.floor(list.length * random() ** 2.5)] as number;
    const age = Math.abs(time - (born[photo] as number));
    if (age < least) [best, least] = [photo, age];
  }
  return best;
}
