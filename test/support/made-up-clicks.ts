import { createHash } from 'node:crypto';
import type { ClickRecord, InteractionRecord } from '../../lib/clicks/click.ts';
import { hashOf, randomFrom } from '../../lib/recommendations/random.ts';
import { madeUpWorld } from './made-up-tastes.ts';

/** How large a made-up clickstream is. */
export interface ClicksSize {
  readonly people: number;
  readonly photos: number;
  /** What people find by themselves, roughly. */
  readonly events: number;
  /** Answers a person is shown, of ten photos each. */
  readonly answers: number;
  readonly seed: number;
}

const SHOWN = 10;
const MINUTE = 60_000;

/** A keyed hash as the clickstream has them. */
export function madeUpHash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** A ULID that follows from a text. */
function madeUpId(text: string): string {
  const random = randomFrom(hashOf(text));
  const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  return `01${Array.from({ length: 24 }, () => letters[Math.floor(random() * 32)]).join('')}`;
}

/**
 * A clickstream of made-up people: what they find by themselves, and answers of photos drawn by chance of all there are
 * by then, so that what was shown depends on nobody's taste. They click the more on a photo the more of its tags they
 * have liked, and the less the further down it is.
 */
export function madeUpClicks({ people, photos, events, answers, seed }: ClicksSize): ClickRecord[] {
  const { interactions, items } = madeUpWorld({ people, photos, events, seed });
  const photoIds = items.photos.map(madeUpId);
  const bornAt = new Map(photoIds.map((id, place) => [id, Math.floor(items.createdAt?.[place] as number)]));
  const kindOf = new Map(photoIds.map((id, place) => [id, items.tags[place]?.[0] ?? '']));
  const random = randomFrom(hashOf('clicks', seed));
  const interaction = (
    person: string,
    fields: Partial<InteractionRecord>,
    name: string,
  ): InteractionRecord => ({
    kind: 'interaction',
    id: madeUpHash(`${person} ${name}`),
    person: madeUpHash(person),
    session: madeUpHash(`${person} session`),
    type: 'view',
    photoId: '',
    at: 0,
    receivedAt: Math.floor(fields.at ?? 0) + 1_000,
    ...fields,
  });
  const records: ClickRecord[] = photoIds.map((photoId, place) => ({
    kind: 'photo',
    id: madeUpHash(photoId),
    photoId,
    owner: madeUpHash(items.owners?.[place] ?? ''),
    tags: [...(items.tags[place] ?? [])],
    createdAt: bornAt.get(photoId) as number,
    version: 1,
    gone: false,
    receivedAt: bornAt.get(photoId) as number,
  }));
  const kindsOf = new Map<string, Map<string, number>>();
  for (const [row, person] of interactions.persons.entries()) {
    const photoId = madeUpId(interactions.photos[row] as string);
    const type = interactions.types[row] as InteractionRecord['type'];
    const at = Math.floor(interactions.times[row] as number);
    if (at < (bornAt.get(photoId) as number)) continue;
    records.push(interaction(person, { type, photoId, at }, `${row}`));
    const kinds = kindsOf.get(person) ?? new Map<string, number>();
    const kind = kindOf.get(photoId) as string;
    kindsOf.set(person, kinds.set(kind, (kinds.get(kind) ?? 0) + 1));
  }
  const times = Array.from(interactions.times);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  for (const [person, kinds] of kindsOf) {
    const most = Math.max(...kinds.values());
    for (let answer = 0; answer < answers; answer += 1) {
      const at = Math.floor(first + random() * (last - first));
      const known = photoIds.filter((id) => (bornAt.get(id) as number) < at);
      const recommendationId = `built-in.main.${madeUpHash(`${person} answer ${answer}`)}`;
      const shown = new Set<string>();
      while (shown.size < Math.min(SHOWN, known.length))
        shown.add(known[Math.floor(random() * known.length)] as string);
      for (const [position, photoId] of [...shown].entries()) {
        const fields = { photoId, recommendationId, position, surface: 'home' } as const;
        const name = `${answer} ${position}`;
        records.push(interaction(person, { ...fields, type: 'impression', at }, `impression ${name}`));
        const taste = (kinds.get(kindOf.get(photoId) as string) ?? 0) / most;
        if (random() >= (0.05 + 0.6 * taste) * 0.9 ** position) continue;
        records.push(interaction(person, { ...fields, type: 'view', at: at + MINUTE }, `view ${name}`));
        if (random() < 0.4) {
          records.push(interaction(person, { ...fields, type: 'like', at: at + 2 * MINUTE }, `like ${name}`));
        }
      }
    }
  }
  return records;
}
