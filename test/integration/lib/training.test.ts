import { text } from 'node:stream/consumers';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InteractionRecord } from '../../../lib/clicks/click.ts';
import type { Counted, CountingInput } from '../../../lib/training/count.ts';
import { type LibStack, startLibStack } from '../../support/lib-stack.ts';
import { aHash, anInteraction, aPhotoRecord, clicksFile } from '../../support/tastes.ts';

const BUCKET = 'afterparty-local-clicks-000000000000-eu-west-1';
const TOLD_SINCE = Date.parse('2026-11-20T00:00:00Z');
const NOW = new Date('2026-11-26T12:00:00Z');
const HOUR_MS = 3_600_000;
const PHOTO = (at: number) => `01KAF0000000000000000${String(at).padStart(5, '0')}`;

let stack: LibStack;
let count: (input: CountingInput, now?: Date) => Promise<Counted>;
beforeAll(async () => {
  stack = await startLibStack();
  ({ countInteractions: count } = await import('../../../lib/training/count.ts'));
});
afterAll(() => stack.stop());

let executions = 0;
const counted = (changes: Partial<Omit<CountingInput, 'asked'>> & { repair?: boolean } = {}) => {
  const { repair = false, ...rest } = changes;
  const executionName = `execution-${++executions}`;
  return count(
    {
      ...{ executionName, correlationId: executionName, isFirst: true, toldSince: TOLD_SINCE },
      ...{ asked: { repair }, ...rest },
    },
    NOW,
  );
};

/** So many views of forty people. */
const views = (rows: number, receivedAt: number, prefix: string): InteractionRecord[] =>
  Array.from({ length: rows }, (_, at) =>
    anInteraction({
      id: aHash(`${prefix}${at}`),
      person: aHash(`p${at % 40}`),
      photoId: PHOTO(at % 50),
      at: receivedAt - at * 1_000,
      receivedAt,
    }),
  );
const put = (name: string, ...records: Parameters<typeof clicksFile>[2][number][]) =>
  stack.s3.send(clicksFile(BUCKET, `clicks/2026/11/25/${name}.gz`, records));
const linesOf = async (location: string | undefined): Promise<string[]> => {
  const Key = location?.slice(`s3://${BUCKET}/`.length);
  const { Body } = await stack.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
  return (await text(Body as never)).trimEnd().split('\n');
};

describe('counting', () => {
  test('finds nothing where nobody has done anything', async () => {
    expect(await counted()).toEqual({
      ...{ interactions: 0, people: 0, peopleWithTwo: 0 },
      ...{ isEnough: false, imports: [] },
    });
  });

  test('counts what Personalize was told, and has nothing to import then', async () => {
    await put('10/told', ...views(1_200, TOLD_SINCE + HOUR_MS, 'told'));
    await put('10/photos', ...[0, 1, 2].map((at) => aPhotoRecord(PHOTO(at), { tags: ['sea'] })));
    expect(await counted({ isFirst: false })).toEqual({
      ...{ interactions: 1_200, people: 40, peopleWithTwo: 40 },
      ...{ isEnough: true, imports: [] },
    });
    const { KeyCount } = await stack.s3.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'imports/' }),
    );
    expect(KeyCount).toBe(0);
  });

  test('leaves out what came before and is too little for an import', async () => {
    await put('11/few', ...views(100, TOLD_SINCE - HOUR_MS, 'few'));
    const { interactions, imports } = await counted();
    expect(interactions).toBe(1_200);
    expect(imports.map(({ dataset }) => dataset)).toEqual(['ITEMS']);
  });

  test('imports once what came before Personalize was told, and that alone', async () => {
    await put('12/before', ...views(1_500, TOLD_SINCE - 2 * HOUR_MS, 'before'));
    const { interactions, imports } = await counted();
    expect(interactions).toBe(2_800);
    expect(imports).toEqual([
      {
        dataset: 'INTERACTIONS',
        jobName: expect.stringMatching(/^afterparty-local-interactions-[0-9a-f]{12}$/),
        location: expect.stringMatching(`^s3://${BUCKET}/imports/[0-9a-f]{12}/interactions.csv$`),
      },
      expect.objectContaining({ dataset: 'ITEMS' }),
    ]);
    const [header, ...rows] = await linesOf(imports[0]?.location);
    expect(header).toMatch(/^USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE/);
    expect(rows).toHaveLength(1_600);
    const times = rows.map((row) => Number(row.split(',')[2]) * 1_000);
    expect(Math.max(...times)).toBeLessThan(TOLD_SINCE);
    expect(await linesOf(imports[1]?.location)).toHaveLength(4);
    expect((await counted({ isFirst: false })).imports).toEqual([]);
  });

  test('imports everything for a repair', async () => {
    const { imports } = await counted({ isFirst: false, repair: true });
    expect(await linesOf(imports[0]?.location)).toHaveLength(2_801);
  });

  test('leaves out people who were forgotten, and photos that are gone', async () => {
    const { strikeOut } = await import('../../../lib/clicks/interactions.ts');
    await strikeOut(aHash('p7'), NOW);
    await put('13/gone', aPhotoRecord(PHOTO(0), { version: 2, gone: true }));
    const { people, imports } = await counted({ repair: true });
    expect(people).toBe(39);
    const [interactions, items] = await Promise.all(imports.map(({ location }) => linesOf(location)));
    expect(interactions?.filter((row) => row.startsWith(`${aHash('p7')},`))).toEqual([]);
    expect(interactions?.filter((row) => row.includes(PHOTO(0)))).toEqual([]);
    expect(items?.map((row) => row.split(',')[0])).toEqual(['ITEM_ID', PHOTO(1), PHOTO(2)]);
  });
});

test('one execution writes the same names whenever it tries again', async () => {
  const once = await counted({ repair: true, executionName: 'x'.repeat(80) });
  const again = await counted({ repair: true, executionName: 'x'.repeat(80) });
  expect(again.imports).toEqual(once.imports);
  for (const { jobName } of once.imports) expect(jobName.length).toBeLessThanOrEqual(63);
});
