import { advanced, readHistory, writeHistory } from '../clicks/history.ts';
import { struckOut } from '../clicks/interactions.ts';
import { rowsOf } from '../clicks/rows.ts';
import { train } from '../recommendations/train.ts';
import { publishModel } from './trained.ts';

/** Where what is drawn by chance starts from: the same clickstream trains the same model. */
const SEED = 1;

/**
 * Trains the built-in model anew where the clickstream has grown since the last time, without people who were
 * forgotten meanwhile. The history is kept last: what ends before is done again as a whole.
 */
export async function trainModel(now = new Date()) {
  const { history, isNew } = await advanced(await readHistory(), now);
  const forget = await struckOut();
  const records = history.records.filter((record) => record.kind === 'photo' || !forget.has(record.person));
  if (!isNew && records.length === history.records.length) return { trained: false };
  const remaining = { ...history, records };
  const { interactions, items } = rowsOf(records, forget);
  const model = train(interactions, items, { seed: SEED, now: now.getTime() });
  const { bytes } = await publishModel(model, now);
  await writeHistory(remaining);
  return { trained: true, interactions: interactions.photos.length, photos: model.photoIds.length, bytes };
}
