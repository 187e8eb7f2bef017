import { randomUUID } from 'node:crypto';
import type { SQSRecord } from 'aws-lambda';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Photo } from '../../../lib/photos/photo.ts';
import { aCallerNamed, aDeclaration } from '../../support/callers.ts';
import { interrupted } from '../../support/interruptions.ts';
import { type LibStack, startLibStack } from '../../support/lib-stack.ts';

let stack: LibStack;
let lib: Awaited<ReturnType<typeof importLib>>;

async function importLib() {
  return {
    ...(await import('../../../lib/activity/feed.ts')),
    ...(await import('../../../lib/activity/inbox.ts')),
    ...(await import('../../../lib/aws/dynamodb.ts')),
    ...(await import('../../../lib/aws/sns.ts')),
    ...(await import('../../../lib/aws/sqs.ts')),
    ...(await import('../../../lib/people/follow.ts')),
    ...(await import('../../../lib/photos/create.ts')),
    ...(await import('../../../lib/photos/manage.ts')),
    ...(await import('../../../lib/photos/photo.ts')),
    ...(await import('../../../lib/photos/progress.ts')),
    announceChanges: (await import('../../../functions/events/announce-changes.ts')).handler,
    FeedQueue: (await import('../../../functions/events/update-feed.ts')).handler,
    InboxQueue: (await import('../../../functions/events/update-inbox.ts')).handler,
  };
}

beforeAll(async () => {
  stack = await startLibStack();
  lib = await importLib();
});

afterAll(() => stack.stop());

const QUEUES = ['FeedQueue', 'InboxQueue'] as const;

/** What happens to a photo; what cannot happen to it as it is, does not. */
const HISTORY = {
  ready: (photo: Photo) => lib.finish(photo, {}),
  hide: (photo: Photo) => lib.editPhoto(photo, { visibility: 'private' }, undefined),
  show: (photo: Photo) => lib.editPhoto(photo, { visibility: 'followers' }, undefined),
  publish: (photo: Photo) => lib.editPhoto(photo, { visibility: 'public' }, undefined),
  caption: (photo: Photo) => lib.editPhoto(photo, { caption: randomUUID() }, undefined),
  trash: (photo: Photo) => lib.trashPhoto(photo),
  restore: (photo: Photo) => lib.restorePhoto(photo),
  purge: (photo: Photo) => lib.purgePhoto(photo),
};

type Step = keyof typeof HISTORY;

/** An owner with followers, and a photo of theirs to which all of this has happened, one after another. */
async function afterHistory(steps: readonly Step[], followers = 3) {
  const owner = aCallerNamed('ana');
  const fans = Array.from({ length: followers }, () => randomUUID());
  for (const fan of fans) await lib.follow(fan, owner.userId);
  // A follow fills a feed with what is there by then: these come before the photo.
  const followed = await announced();
  await deliver('FeedQueue', followed.FeedQueue, inOrder);
  const { photo } = await lib.createPhoto(owner, aDeclaration({ visibility: 'private' }));
  for (const step of steps) {
    await HISTORY[step](photo).catch((error: Error) => {
      if (error.name !== 'Problem') throw error;
    });
  }
  return { owner, fans, photo };
}

/** Lets the stream be announced, and takes what the subscriptions have brought to each queue. */
async function announced(): Promise<Record<(typeof QUEUES)[number], SQSRecord[]>> {
  expect(await lib.announceChanges({ Records: await stack.takeRecords() })).toEqual({
    batchItemFailures: [],
  });
  const [FeedQueue, InboxQueue] = await Promise.all(QUEUES.map((queue) => stack.takeMessages(queue)));
  return { FeedQueue: FeedQueue ?? [], InboxQueue: InboxQueue ?? [] };
}

/** Hands messages to their function in an order, some of them again, and so on with the pages that it sends. */
async function deliver(
  queue: (typeof QUEUES)[number],
  messages: SQSRecord[],
  order: (n: number) => number[],
) {
  for (let waiting = messages; waiting.length > 0; waiting = await stack.takeMessages(queue)) {
    for (const index of order(waiting.length)) {
      const Records = [waiting[index] as SQSRecord];
      expect(await lib[queue]({ Records })).toEqual({ batchItemFailures: [] });
    }
  }
}

const inOrder = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Every index at least once, in any order, some again. */
function shuffled(seed: number) {
  let state = seed;
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
  return (count: number) => {
    const all = [...inOrder(count), ...inOrder(random(count + 1)).map(() => random(count))];
    return all.sort(() => random(3) - 1);
  };
}

const feedOf = async (userId: string) =>
  (await lib.readFeed(userId, { limit: 100 })).items.map(({ id }) => id);
const toldOf = async (userId: string, photoId: string) => {
  const items = (await stack.ask('dynamodb', 'Query', {
    TableName: process.env.TABLE_NAME,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: `INBOX#${userId}` } },
  })) as { Items: { subjectId: { S: string }; type: { S: string } }[] };
  return items.Items.filter(({ subjectId }) => subjectId.S === photoId).map(({ type }) => type.S);
};

const history = fc.array(fc.constantFrom(...(Object.keys(HISTORY) as Step[])), {
  minLength: 1,
  maxLength: 8,
});

/** Ways to a ready photo that its followers have not seen yet. */
const unshared = fc.constantFrom<Step[]>(
  ['ready'],
  ['publish', 'trash', 'ready'],
  ['show', 'trash', 'ready'],
);

/** Ways to show it to them, whatever happened before, unless it is gone. */
const shared = fc.constantFrom<Step[]>(['restore', 'publish'], ['show', 'restore'], []);

describe('the feeds and inboxes of followers', () => {
  it('end the same in every order of the deliveries, however often each comes', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.nat(), fc.nat(), async (steps, feedSeed, inboxSeed) => {
        const { owner, fans, photo } = await afterHistory(['publish', 'ready', ...steps]);
        const messages = await announced();
        await deliver('FeedQueue', messages.FeedQueue, shuffled(feedSeed));
        await deliver('InboxQueue', messages.InboxQueue, shuffled(inboxSeed));

        const now = await lib.findPhoto(photo.id);
        const isShown = now?.status === 'ready' && !now.trashedAt && now.visibility !== 'private';
        for (const fan of fans) {
          expect(await feedOf(fan)).toEqual(isShown ? [photo.id] : []);
          expect(await toldOf(fan, photo.id)).toEqual(['photo-shared']);
          const { items } = await lib.readInbox(fan, { limit: 10 });
          expect(items.map(({ photoId }) => photoId)).toEqual(isShown ? [photo.id] : []);
          expect(await lib.countUnread(fan)).toBe(items.length);
        }
        expect(await toldOf(owner.userId, photo.id)).toEqual(['photo-ready']);
      }),
      { numRuns: 15 },
    );
  });

  it('hold a photo exactly if it was shared with them by any way', async () => {
    await fc.assert(
      fc.asyncProperty(unshared, history, shared, fc.nat(), async (beginning, steps, end, seed) => {
        const { fans, photo } = await afterHistory([...beginning, ...steps, ...end], 1);
        const messages = await announced();
        await deliver('FeedQueue', messages.FeedQueue, shuffled(seed));
        await deliver('InboxQueue', messages.InboxQueue, shuffled(seed));
        const now = await lib.findPhoto(photo.id);
        const isShown = now?.status === 'ready' && !now.trashedAt && now.visibility !== 'private';
        const [fan = ''] = fans;
        expect(await feedOf(fan)).toEqual(isShown ? [photo.id] : []);
        expect((await toldOf(fan, photo.id)).length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 15 },
    );
  });

  it('are filled by a follow that came before or after, and emptied by the end of it', async () => {
    const { owner, fans, photo } = await afterHistory(['publish', 'ready'], 1);
    const late = randomUUID();
    await lib.follow(late, owner.userId);
    const { FeedQueue, InboxQueue } = await announced();
    await deliver('FeedQueue', FeedQueue.toReversed(), inOrder);
    await deliver('InboxQueue', InboxQueue.toReversed(), inOrder);
    expect(await feedOf(late)).toEqual([photo.id]);
    await lib.unfollow(fans[0] ?? '', owner.userId);
    expect(await feedOf(fans[0] ?? '')).toEqual([]);
    await announced();
  });

  it('tell somebody once that a person follows them, however often they start and stop', async () => {
    const owner = aCallerNamed('ana').userId;
    const fan = randomUUID();
    for (let again = 0; again < 3; again++) {
      await lib.follow(fan, owner);
      await lib.unfollow(fan, owner);
    }
    const { InboxQueue } = await announced();
    await deliver('InboxQueue', InboxQueue, shuffled(1));
    expect(await toldOf(owner, fan)).toEqual(['follower-new']);
  });
});

describe('fan-out', () => {
  it('reaches every follower in messages of 500, also after it was killed at any call', async () => {
    const owner = aCallerNamed('ana');
    const fans = Array.from({ length: 1_001 }, () => randomUUID());
    for (let from = 0; from < fans.length; from += 50) {
      await Promise.all(fans.slice(from, from + 50).map((fan) => lib.follow(fan, owner.userId)));
    }
    const { photo } = await lib.createPhoto(owner, aDeclaration());
    await lib.finish(photo, {});
    for (let rest = await stack.takeRecords(); rest.length > 0; rest = await stack.takeRecords()) {
      const last = rest.filter(({ dynamodb }) => dynamodb?.NewImage?.entity?.S !== 'storage').slice(-1);
      const { batchItemFailures } = await lib.announceChanges({ Records: last });
      expect(batchItemFailures).toEqual([]);
    }
    const [shared] = (await stack.takeMessages('FeedQueue')).filter(({ body }) => body.includes(photo.id));
    const clients = [lib.dynamodb, lib.sqs] as never;
    const fanOut = () => lib.FeedQueue({ Records: [shared as SQSRecord] });
    for (let at = 0; at < 6; at++) await interrupted(clients, at, 'after', fanOut);
    await fanOut();
    const pages = await stack.takeMessages('FeedQueue');
    const told = pages.map(({ body }) => JSON.parse(body).userIds as string[]);
    expect(Math.max(...told.map((page) => page.length))).toBe(500);
    expect(new Set(told.flat())).toEqual(new Set(fans));
  });
});
