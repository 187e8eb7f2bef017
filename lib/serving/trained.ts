import { GetObjectCommand, PutObjectCommand, S3ServiceException } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { isMissing, s3 } from '../aws/s3.ts';
import { env } from '../env.ts';
import { count, logger } from '../observe.ts';
import { ArtefactRefused, load, serialize } from '../recommendations/artefact.ts';
import type { Model } from '../recommendations/model.ts';
import { hashOf } from '../recommendations/random.ts';
import { topOf } from '../recommendations/top.ts';
import { keys } from '../table/keys.ts';
import { get } from '../table/read.ts';
import { put } from '../table/write.ts';

const KEY = 'models/recommender.bin';
/** How long a model answers before it is asked for a newer one. */
const CHECK_MS = 30_000;
/** A first answer waits for the model; a later one goes on with the old. */
const FIRST_LOAD_MS = 3_000;
const RELOAD_MS = 1_000;
/** How many trending photos are at hand where the model itself is not. */
const TRENDING_LENGTH = 200;

let current: { readonly model: Model; readonly etag: string | undefined } | undefined;
let checkedAt = Number.NEGATIVE_INFINITY;

/**
 * The model that was trained last, undefined before the first. It stays in memory, and is asked for by its ETag every
 * half minute; what cannot be fetched or read leaves the old one in place.
 */
export async function trainedModel(): Promise<Model | undefined> {
  const now = Date.now();
  if (now - checkedAt < CHECK_MS) return current?.model;
  checkedAt = now;
  try {
    const { Body, ETag } = await s3.send(
      new GetObjectCommand({ Bucket: env.CLICKS_BUCKET, Key: KEY, IfNoneMatch: current?.etag }),
      { abortSignal: AbortSignal.timeout(current ? RELOAD_MS : FIRST_LOAD_MS) },
    );
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    current = { model: load(bytes), etag: ETag };
    count('ModelsLoaded');
  } catch (error) {
    report(error);
  }
  return current?.model;
}

/** Stores a model for all to answer with, and what is trending by it, which needs no model to be shown. */
export async function publishModel(model: Model, now: Date): Promise<{ bytes: number }> {
  const Body = serialize(model);
  const { ETag } = await s3.send(new PutObjectCommand({ Bucket: env.CLICKS_BUCKET, Key: KEY, Body }));
  current = { model, etag: ETag };
  const places = topOf(
    model.trend,
    model.photoIds.map((id) => hashOf(id)),
    TRENDING_LENGTH,
  );
  const photoIds = places
    .filter((place) => (model.trend[place] as number) > 0)
    .map((place) => model.photoIds[place]);
  await put({ ...keys.trending(), entity: 'trending', photoIds }, undefined, now);
  return { bytes: Body.length };
}

const trendingItem = z.object({ photoIds: z.array(z.string()) });

/** What was trending at the last training, the most first. */
export async function trendingPhotos(): Promise<string[]> {
  const item = await get(keys.trending());
  return item ? trendingItem.parse(item).photoIds : [];
}

function report(error: unknown): void {
  if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 304) return;
  if (isMissing(error) && !current) return;
  count('ModelsNotLoaded');
  const level = error instanceof ArtefactRefused ? 'error' : 'warn';
  logger[level]('model-not-loaded', { error });
}
