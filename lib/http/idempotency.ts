import { createHash } from 'node:crypto';
import * as z from 'zod';
import { newSecretName } from '../ids.ts';
import { Problem } from '../problem.ts';
import { absent, anyOf, before, is } from '../table/condition.ts';
import { keys } from '../table/keys.ts';
import { ConditionFailed, put, remove, unlessRefused } from '../table/write.ts';
import type { Answer } from './answer.ts';
import { bytesOf } from './body.ts';
import type { ApiEvent } from './call.ts';

const KEPT_SECONDS = 24 * 60 * 60;
/** A request that has not ended after this long has died; API Gateway gives up after 30 s. */
const IN_FLIGHT_SECONDS = 35;

const record = z.object({
  fingerprint: z.string(),
  answer: z
    .object({ status: z.number(), headers: z.record(z.string(), z.string()), body: z.unknown().optional() })
    .optional(),
});

/** What stands between a first answer and its replay. */
interface Replays {
  /** What of the answer is written down. */
  readonly kept: (answer: Answer) => Answer;
  /** Makes an answer of what was kept. */
  readonly refresh: (kept: Answer) => Promise<Answer>;
}

/**
 * Runs a POST once per user, route and `Idempotency-Key` within 24 hours. A repeated request gets the first
 * answer again, made fresh by `refresh` (signatures expire), with `Idempotency-Replayed: true`. The same
 * key with another body is 422; one whose first request is still running is 409. Failures are not kept, so
 * that the client may try again.
 */
export async function once(
  event: ApiEvent,
  userId: string,
  run: () => Promise<Answer>,
  { kept, refresh }: Replays,
  now = new Date(),
): Promise<Answer> {
  const header = event.headers['idempotency-key'];
  if (header === undefined) return run();
  if (!/^[\x21-\x7e]{1,128}$/.test(header)) {
    throw new Problem(
      400,
      'idempotency-key-invalid',
      'Idempotency-Key must be 1 to 128 visible ASCII characters.',
    );
  }
  const key = keys.idempotency(userId, event.routeKey, header);
  const fingerprint = fingerprintOf(event);
  const seconds = Math.floor(now.getTime() / 1_000);
  const expiresAt = seconds + KEPT_SECONDS;
  const entry = { ...key, entity: 'idempotency', fingerprint, expiresAt, runId: newSecretName() };
  // After IN_FLIGHT_SECONDS another request may have taken the key over: then its record stands.
  const isMine = is('runId', entry.runId);
  try {
    await put(
      { ...entry, runningUntil: seconds + IN_FLIGHT_SECONDS },
      anyOf(absent(), before('expiresAt', seconds), before('runningUntil', seconds), isMine),
    );
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    return replay(record.parse(error.item), fingerprint, refresh);
  }
  try {
    const answer = await run();
    await unlessRefused(put({ ...entry, answer: kept(answer) }, isMine));
    return answer;
  } catch (error) {
    await unlessRefused(remove(key, isMine));
    throw error;
  }
}

async function replay(
  { fingerprint, answer }: z.infer<typeof record>,
  expected: string,
  refresh: (answer: Answer) => Promise<Answer>,
): Promise<Answer> {
  if (fingerprint !== expected) {
    throw new Problem(422, 'idempotency-key-reused', 'This Idempotency-Key was used with another request.');
  }
  if (!answer) {
    throw new Problem(
      409,
      'idempotency-in-flight',
      'The first request with this Idempotency-Key is still running.',
      {
        headers: { 'retry-after': '1' },
      },
    );
  }
  const fresh = await refresh({ ...answer, body: answer.body });
  return { ...fresh, headers: { ...fresh.headers, 'idempotency-replayed': 'true' } };
}

function fingerprintOf(event: ApiEvent): string {
  const contentType = event.headers['content-type'] ?? '';
  return createHash('sha256')
    .update(`${event.rawPath}\n${event.rawQueryString}\n`)
    .update(withoutBoundary(contentType, `${contentType}\n${bytesOf(event).toString('latin1')}`), 'latin1')
    .digest('base64');
}

/** Clients draw a new boundary each time that they send the same form. */
function withoutBoundary(contentType: string, text: string): string {
  const boundary = /^multipart\/.*;\s*boundary="?([^";]+)/i.exec(contentType)?.[1];
  return boundary === undefined ? text : text.replaceAll(boundary, '');
}
