import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { s3 } from '../support/e2e/aws.ts';
import { anEvent, interactionsOf, report, stored } from '../support/e2e/clicks.ts';
import { endedAtEachCall } from '../support/e2e/ended.ts';
import { later, type Person, people } from '../support/e2e/person.ts';
import { aReadyPhoto } from '../support/e2e/photos.ts';
import { messagesIn } from '../support/e2e/queues.ts';
import { pass, stack } from '../support/e2e/stack.ts';

const CLICKS_BUCKET = 'afterparty-local-clicks-000000000000-eu-west-1';
/** A message that a worker died with is hidden for twelve minutes at most. */
const HIDDEN_MINUTES = 13;

let ana: Person;
let bob: Person;

beforeAll(async () => {
  [ana, bob] = await people('ana', 'bob');
});

afterEach(() => stack.endFaults());

type Sent = ReturnType<typeof anEvent>;

/** What of a photo's interactions on file somebody reported: each, and when it was. */
async function filed(photoId: string): Promise<string[]> {
  const found = (await interactionsOf([photoId])).filter(({ type }) => type !== 'upload');
  return found.map(({ type, at }) => `${type} ${at}`).sort();
}

const textsOf = (sent: readonly Sent[]) => sent.map(({ type, at }) => `${type} ${Date.parse(at)}`).sort();

const BEGINNING = Date.now();
let reported = 0;

/** Events at times of their own, so that each can be told from all others. */
function someEvents(photoId: string): Sent[] {
  return ['view', 'like', 'impression', 'dismiss'].map((type) => {
    reported += 1;
    return anEvent(type, photoId, { at: new Date(BEGINNING + reported).toISOString() });
  });
}

/** Reports events as a client does that goes on until it is answered. */
async function insist(events: readonly Sent[], by = bob): Promise<void> {
  const { status, body } = await report(by, ...events);
  if (status >= 500) return insist(events, by);
  expect([status, body.accepted]).toEqual([202, events.length]);
}

/** How many likes the local Personalize has counted, each event once however often it is told. */
async function countedLikes(): Promise<number> {
  const likes = (await stack.attributed()).filter(({ metricName }) => metricName === 'likes');
  return likes.reduce((sum, { value }) => sum + value, 0);
}

async function deliveredNow(): Promise<void> {
  await stack.idle();
  await stack.flush();
  await stack.idle();
}

/** The same once nothing of before is on its way any more, which would be among the calls. */
async function endedOnceStored(lambda: string, work: () => Promise<unknown>): Promise<void> {
  await stored();
  await endedAtEachCall(lambda, work);
}

describe('workers that are ended from outside', () => {
  const taken = { by: 'clicks', photoId: '', sent: [] as Sent[] };
  const learnt = { by: 'learnFromClicks', photoId: '', sent: [] as Sent[] };
  const liked = { photoId: '', times: 0 };
  const photoIds: string[] = [];
  let countedBefore: number;
  beforeAll(async () => {
    // What failed before, and is tried again once it is not hidden any more, would be counted among these.
    await later(HIDDEN_MINUTES, ana, bob);
    await stored();
    countedBefore = await countedLikes();
  });

  it('at any call of clicks', async () => {
    taken.photoId = (await aReadyPhoto(ana)).id;
    await endedOnceStored('clicks', async () => {
      const events = someEvents(taken.photoId);
      taken.sent.push(...events);
      // Somebody new each time, of whom nothing is known yet.
      await insist(events, ...(await people('guest')));
    });
  });

  it('at any call of recordFacts for a like and its end', async () => {
    liked.photoId = (await aReadyPhoto(ana)).id;
    await endedOnceStored('recordFacts', async () => {
      const [guest] = await people('guest');
      liked.times += 1;
      expect((await guest.put(`/photos/${liked.photoId}/like`)).status).toBe(204);
      await stack.idle();
      expect((await guest.delete(`/photos/${liked.photoId}/like`)).status).toBe(204);
      await stack.idle();
    });
  });

  it('at any call of recordFacts for a new photo', () =>
    endedOnceStored('recordFacts', async () => photoIds.push((await aReadyPhoto(ana)).id)));

  it('at any call of learnFromClicks', async () => {
    learnt.photoId = (await aReadyPhoto(ana)).id;
    await endedOnceStored('learnFromClicks', async () => {
      const events = someEvents(learnt.photoId);
      learnt.sent.push(...events);
      await insist(events);
      await ana.patch(`/photos/${learnt.photoId}`, { caption: `after ${learnt.sent.length} events` });
      await deliveredNow();
    });
  });

  describe('and whose messages come back', () => {
    beforeAll(async () => {
      await later(HIDDEN_MINUTES, ana, bob);
      await stored();
    });

    it.each([taken, learnt])('leave each event on file once: $by', async ({ photoId, sent }) => {
      expect(sent.length).toBeGreaterThan(20);
      expect(await filed(photoId)).toEqual(textsOf(sent));
    });

    it('leave each like and each end of one on file once', async () => {
      const types = (await interactionsOf([liked.photoId])).map(({ type }) => type);
      const times = (type: string) => types.filter((each) => each === type).length;
      expect([times('like'), times('unlike'), times('upload')]).toEqual([liked.times, liked.times, 1]);
    });

    it('leave each new photo on file once', async () => {
      const uploads = await interactionsOf(photoIds);
      expect(uploads.map(({ photoId }) => photoId).sort()).toEqual([...photoIds].sort());
    });

    it('have Personalize count each event once', async () => {
      const likes = [...taken.sent, ...learnt.sent].filter(({ type }) => type === 'like').length;
      expect((await countedLikes()) - countedBefore).toBe(likes + liked.times);
    });
  });
});

describe('a function that shapes nothing for a while', () => {
  it('keeps no event back for good', async () => {
    const own = await aReadyPhoto(ana);
    await stored();
    const where = { service: 'lambda', operation: 'Invoke', caller: 'service:firehose' };
    await stack.startFaults({ ...where, name: 'outage', times: 8, effect: { kind: 'fail' } });
    const events = someEvents(own.id);
    await insist(events);
    await deliveredNow();
    expect(await filed(own.id)).toEqual([]);
    await pass(1);
    expect((await stack.endFaults()).get('outage')).toBe(8);
    await stored();
    expect(await filed(own.id)).toEqual(textsOf(events));
  });
});

afterAll(async () => {
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: CLICKS_BUCKET, Prefix: 'refused/' }),
  );
  expect(Contents.map(({ Key }) => Key)).toEqual([]);
  for (const queue of ['clicks', 'learning']) expect(await messagesIn(`${queue}-dead-letter-queue`)).toBe(0);
});
