import { categoriesOf } from '../clicks/categories.ts';
import { eventWeight, type Interactions, type Items } from '../recommendations/interactions.ts';

/** What somebody did with a photo, as Personalize is told of it. */
export interface LearntRow {
  readonly person: string;
  readonly photo: string;
  readonly type: string;
  /** Seconds since 1970. */
  readonly second: number;
  readonly value?: number;
}

/** The columns of the schemas in resources/personalize-on.yml, in the order in which the files hold them. */
export const INTERACTION_COLUMNS = [
  'USER_ID',
  'ITEM_ID',
  'TIMESTAMP',
  'EVENT_TYPE',
  'EVENT_VALUE',
  'RECOMMENDATION_ID',
  'IMPRESSION',
] as const;
export const ITEM_COLUMNS = ['ITEM_ID', 'TAGS', 'OWNER_ID', 'CREATION_TIMESTAMP'] as const;

/**
 * Those interactions that Personalize learns from: signs of a liking, as it is told of by PutEvents, and each person,
 * photo, type and second once, as it counts them.
 */
export function learntRows({ persons, photos, types, times, values }: Interactions): LearntRow[] {
  const rows = new Map<string, LearntRow>();
  for (const [at, person] of persons.entries()) {
    const [photo, type] = [photos[at] as string, types[at] as string];
    const value = Number.isNaN(values?.[at] ?? Number.NaN) ? undefined : values?.[at];
    if (eventWeight(type, value) <= 0) continue;
    const second = Math.floor((times[at] as number) / 1_000);
    const row = { person, photo, type, second, ...(value !== undefined && { value }) };
    rows.set(`${person} ${photo} ${type} ${second}`, row);
  }
  return [...rows.values()];
}

/** The file that Personalize imports interactions from. */
export function interactionsCsv(rows: readonly LearntRow[]): string {
  return csv(
    INTERACTION_COLUMNS,
    rows.map(({ person, photo, second, type, value = '' }) => [person, photo, second, type, value, '', '']),
  );
}

/** The file that Personalize imports items from. Tags have `|` between them. */
export function itemsCsv({ photos, tags, owners, createdAt }: Items): string {
  return csv(
    ITEM_COLUMNS,
    photos.map((photo, at) => [
      photo,
      categoriesOf(tags[at] ?? []),
      owners?.[at] ?? '',
      Math.floor((createdAt?.[at] ?? 0) / 1_000),
    ]),
  );
}

/** RFC 4180, as far as it has to be. */
function csv(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [header, ...rows].map((row) => `${row.map(field).join(',')}\n`).join('');
}

function field(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
