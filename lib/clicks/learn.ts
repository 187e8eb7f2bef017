import { count } from '../observe.ts';
import type { InteractionRecord, PhotoRecord } from './click.ts';
import { credit } from './credit.ts';
import { file, unfiled } from './interactions.ts';
import { tellInteractions, tellPhotos } from './personalize.ts';
import { readClicks } from './stored.ts';

/** Interactions that are filed before the next: what ends in between begins there again. */
const CHUNK = 500;

/**
 * Files the interactions of one stored object, tells Personalize of them, and credits them. Personalize comes first,
 * because what is on file is taken for told. An object that comes twice changes nothing the second time.
 */
export async function learnFrom(key: string) {
  const { records, refused } = await readClicks(key);
  const interactions = records.filter((record): record is InteractionRecord => record.kind === 'interaction');
  const photos = records.filter((record): record is PhotoRecord => record.kind === 'photo');
  await tellPhotos(photos);
  let learnt = 0;
  for (let from = 0; from < interactions.length; from += CHUNK) {
    const news = await unfiled(interactions.slice(from, from + CHUNK));
    await tellInteractions(news);
    await file(news);
    credit(news);
    learnt += news.length;
  }
  count('InteractionsLearnt', learnt);
  if (refused > 0) count('ClicksRefused', refused);
  return { interactions: interactions.length, learnt, photos: photos.length, refused };
}
