import type { Serving } from './deployed.ts';
import { invalid } from './errors.ts';
import type { Listed } from './lists.ts';
import type { World } from './world.ts';

/** API Reference, GetRecommendations: columns at most, and items at most where there is metadata. */
const MOST_COLUMNS = 10;
const MOST_ITEMS = 50;

/**
 * The columns of the items dataset that an answer is to tell.
 * @param count how many items are asked for
 * @throws ServiceError InvalidInputException where the campaign or the schema hasn't that
 */
export function checkMetadata(
  world: World,
  { config, version, campaignArn }: Serving,
  asked: Readonly<Record<string, readonly string[]>> | undefined,
  count: number,
): readonly string[] {
  if (!asked || Object.keys(asked).length === 0) return [];
  const { ITEMS: columns, ...others } = asked;
  if (!columns) throw invalid(`Expected metadataColumns of ITEMS, got ${Object.keys(others)}.`);
  if (!config.enableMetadataWithRecommendations) {
    throw invalid(`Metadata with recommendations is not enabled for the campaign ${campaignArn}.`);
  }
  if (columns.length > MOST_COLUMNS) {
    throw invalid(`Expected at most ${MOST_COLUMNS} metadata columns, got ${columns.length}.`);
  }
  if (count > MOST_ITEMS) throw invalid(`Expected at most ${MOST_ITEMS} items with metadata, got ${count}.`);
  const known = world.schemaOf(version.datasetGroupArn, 'Items')?.columns.map(({ name }) => name) ?? [];
  const unknown = columns.find((column) => !known.includes(column) || column === 'ITEM_ID');
  if (unknown !== undefined) throw invalid(`The items dataset has no metadata column ${unknown}.`);
  return columns;
}

/** The entry with what the columns say of its item, as texts. */
export function withMetadata({ data }: Serving, columns: readonly string[], item: Listed) {
  if (columns.length === 0) return item;
  const row = data.recordOf('Items', item.itemId) ?? {};
  const told = columns.flatMap((column) => {
    const value = row[column];
    return value === undefined || value === null ? [] : [[column.toLowerCase(), String(value)] as const];
  });
  return { ...item, metadata: Object.fromEntries(told) };
}
