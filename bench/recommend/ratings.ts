import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Interactions, Items } from '../../lib/recommendations/interactions.ts';
import { hashOf } from '../../lib/recommendations/random.ts';
import { madeUpWorld } from '../../test/support/made-up-tastes.ts';

/** One rating: that it is there counts, not how good it is. */
export interface Rating {
  readonly person: string;
  readonly photo: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

export interface File<Content> {
  readonly sha256: string;
  readonly content: Content;
}

/** Ratings of a file as MovieLens has them: user, item, rating and seconds since 1970, tabs or :: between them. */
export function readRatings(path: string): File<Rating[]> {
  return read(path, (lines) =>
    lines.map((line, row) => {
      const [person = '', photo = '', , seconds] = line.split(/\t|::/);
      const time = Number(seconds) * 1_000;
      if (!person || !photo || !Number.isFinite(time)) {
        throw new Error(`Expected user, item, rating and timestamp in line ${row + 1}, got ${line}.`);
      }
      return { person, photo, time };
    }),
  );
}

/**
 * Tags of a file of items: `id<tab>tag,tag`, `id::title::Genre|Genre`, or MovieLens 100K's `id|title|date|...` with 19
 * genres as 0 and 1, whose decade is a tag as well.
 */
export function readItems(path: string): File<Items> {
  return read(path, (lines) => {
    const rows = lines.map((line) => {
      const [id = '', second = '', third = ''] = line.split(/\t|::|\|/);
      if (line.includes('\t')) return { id, tags: second.split(/[,|]/).filter(Boolean) };
      if (line.includes('::')) return { id, tags: (line.split('::')[2] ?? '').split('|').filter(Boolean) };
      const genres = line.split('|').slice(-19);
      const decade = /(\d{3})\d$/.exec(third)?.[1];
      return {
        id,
        tags: [
          ...genres.flatMap((flag, genre) => (flag === '1' ? `genre-${genre}` : [])),
          ...(decade ? [`decade-${decade}0`] : []),
        ],
      };
    });
    return { photos: rows.map(({ id }) => id), tags: rows.map(({ tags }) => tags) };
  });
}

/** Made-up ratings with as many people and items as MovieLens 100K has, and what is known of the items. */
export function madeUpRatings(): File<Rating[]> & { readonly items: File<Items> } {
  const { interactions, items } = madeUpWorld({ people: 943, photos: 1_682, events: 160_000, seed: 7 });
  const rows = interactions.persons.map((person, row): [string, Rating] => {
    const photo = interactions.photos[row] as string;
    return [`${person} ${photo}`, { person, photo, time: interactions.times[row] as number }];
  });
  const ratings = [...new Map(rows).values()];
  return { ...withHash(ratings), items: withHash(items) };
}

function withHash<Content>(content: Content): File<Content> {
  return { content, sha256: createHash('sha256').update(JSON.stringify(content)).digest('hex') };
}

function read<Content>(path: string, parse: (lines: string[]) => Content): File<Content> {
  const bytes = readFileSync(path);
  const lines = bytes.toString('latin1').split(/\r?\n/).filter(Boolean);
  return { sha256: createHash('sha256').update(bytes).digest('hex'), content: parse(lines) };
}

/** Ratings as columns of views. */
export function columnsOf(ratings: readonly Rating[]): Interactions {
  return {
    persons: ratings.map(({ person }) => person),
    photos: ratings.map(({ photo }) => photo),
    types: ratings.map(() => 'view'),
    times: ratings.map(({ time }) => time),
  };
}

/** The ratings of each person, the oldest first; equal times are ordered by hash. */
export function byPerson(ratings: readonly Rating[]): Map<string, Rating[]> {
  const own = Map.groupBy(ratings, ({ person }) => person);
  for (const list of own.values()) list.sort((a, b) => a.time - b.time || hashOf(a.photo) - hashOf(b.photo));
  return own;
}
