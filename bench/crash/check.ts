import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { StackEndpoint } from '../../offline/endpoint-file.ts';
import type { Actor } from './actor.ts';
import { type HandedIn, mayBe } from './ledger.ts';
import { advanceHandIn, type World } from './load.ts';

const PREFIX = 'afterparty-local';
const MINUTE_MS = 60_000;
/** A message that somebody died with is visible again after six minutes, and is then received up to three times. */
const LONGEST_SETTLING_MINUTES = 40;

/** An item, with what a photo's names of its objects. */
interface Stored {
  readonly pk: string;
  readonly sk: string;
  readonly originalKey?: string;
  readonly renditions?: readonly { readonly key: string }[];
}

interface View {
  readonly id: string;
  readonly status: string;
  readonly caption: string;
}

/** What a look at the settled stack found. */
export interface Findings {
  readonly photos: number;
  readonly items: number;
  readonly objects: number;
  readonly announcements: number;
  /** Every broken promise, in a sentence. */
  readonly violations: readonly string[];
}

/** A running stack's controls and AWS, as its developer. */
export interface Inside {
  readonly place: StackEndpoint;
  advance(ms: number): Promise<void>;
  idle(): Promise<void>;
}

/** Ends what the load began, lets the stack come to rest, and compares everything with the ledger. */
export async function settleAndCheck(world: World, stack: Inside): Promise<Findings> {
  const violations: string[] = [];
  await finishHandIns(world, stack);
  violations.push(...(await settle(stack)));
  for (const actor of [...world.actors, world.idol]) await actor.enter(stack.place);
  const objects = await objectsIn(stack.place);
  const items = await itemsIn(stack.place);
  let announcements = 0;
  for (const actor of world.actors) {
    const photos = world.ledger.photos.filter(({ owner }) => owner === actor);
    violations.push(...(await checkOwn(actor, photos)));
  }
  for (const actor of world.actors) {
    const told = await checkTold(actor, world);
    announcements += told.count;
    violations.push(...told.violations, ...(await checkFollowing(actor, world)));
  }
  violations.push(...compareObjects(objects, items));
  return {
    photos: world.ledger.photos.length,
    items: items.length,
    objects: objects.size,
    announcements,
    violations,
  };
}

/** Asks again, with the same keys, for whatever got no answer. */
async function finishHandIns({ ledger, actors, idol }: World, stack: Inside): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const open = ledger.photos.filter(({ stored }) => !stored);
    for (const photo of open) await advanceHandIn(photo);
    if (open.every(({ stored }) => stored)) return;
    if (attempt === 10) throw new Error(`${open.length} photos could not be handed in again.`);
    // A request that died with its key holds it for 35 s.
    await stack.advance(MINUTE_MS);
    for (const actor of [...actors, idol]) await actor.enter(stack.place);
  }
}

/** Waits until nothing is under way and no queue holds anything; what a queue still holds then is a violation. */
async function settle(stack: Inside): Promise<string[]> {
  for (let minutes = 0; minutes < LONGEST_SETTLING_MINUTES; minutes++) {
    await stack.idle();
    if ((await waiting(stack.place)).length === 0) return [];
    await stack.advance(MINUTE_MS);
  }
  return (await waiting(stack.place)).map(({ queue, count }) => `${queue} still holds ${count} messages`);
}

async function waiting(place: StackEndpoint): Promise<{ queue: string; count: number }[]> {
  const sqs = new SQSClient(configOf(place));
  try {
    const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
    const counts = await Promise.all(
      QueueUrls.map(async (QueueUrl) => {
        const { Attributes = {} } = await sqs.send(
          new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
        );
        const names = ['', 'NotVisible', 'Delayed'].map((part) => `ApproximateNumberOfMessages${part}`);
        const count = names.reduce(
          (sum, name) => sum + Number(Attributes[name as keyof typeof Attributes]),
          0,
        );
        return { queue: QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1), count };
      }),
    );
    return counts.filter(({ count }) => count > 0);
  } finally {
    sqs.destroy();
  }
}

/**
 * Every photo that was handed in is there once, ready, and as its owner left it. From then on the ledger knows
 * what became of what got no answer.
 */
async function checkOwn(actor: Actor, photos: readonly HandedIn[]): Promise<string[]> {
  const violations: string[] = [];
  const shown = await actor.list<View>('/me/photos');
  const trash = await actor.list<View>('/me/trash');
  const found = new Map<string, { view: View; trashed: boolean }>();
  for (const [views, trashed] of [
    [shown, false],
    [trash, true],
  ] as const) {
    for (const view of views) {
      if (found.has(view.id)) violations.push(`photo ${view.id} is listed twice`);
      found.set(view.id, { view, trashed });
    }
  }
  for (const photo of photos) {
    const { view, trashed } = found.get(photo.id ?? '') ?? {};
    found.delete(photo.id ?? '');
    const name = `photo ${photo.id} of ${actor.name}, handed in ${photo.way},`;
    if (!view) {
      violations.push(`${name} is missing`);
      continue;
    }
    if (view.status !== 'ready') violations.push(`${name} is ${view.status}`);
    if (!mayBe(photo.caption, view.caption)) violations.push(`${name} has the caption "${view.caption}"`);
    if (!mayBe(photo.trashed, trashed === true))
      violations.push(`${name} is ${trashed ? '' : 'not '}in the trash`);
    photo.caption.acknowledged = view.caption;
    photo.trashed.acknowledged = trashed === true;
    photo.caption.possible = [];
    photo.trashed.possible = [];
  }
  for (const id of found.keys()) violations.push(`photo ${id} of ${actor.name} was handed in by nobody`);
  return violations;
}

/** Everybody follows everybody: each feed has each photo that isn't in the trash once, each inbox one notice. */
async function checkTold(
  actor: Actor,
  { actors, ledger }: World,
): Promise<{ count: number; violations: string[] }> {
  const violations: string[] = [];
  const others = ledger.photos.filter(({ owner }) => owner !== actor && actors.includes(owner));
  const feed = (await actor.list<View>('/feed')).map(({ id }) => id);
  const notices = await actor.list<{ type: string; photoId: string | null; read: boolean }>('/notifications');
  const shared = notices.filter(({ type }) => type === 'photo-shared').map(({ photoId }) => photoId);
  for (const { id = '', trashed, everTrashed } of others) {
    const [inFeed, told] = [feed, shared].map((ids) => ids.filter((one) => one === id).length);
    const place = `photo ${id} is ${inFeed} times in the feed of ${actor.name} and ${told} times in the inbox`;
    const expected = trashed.acknowledged ? 0 : 1;
    // One that was in the trash while it became ready is told to nobody later on.
    const enough = everTrashed ? told === 0 || told === expected : told === expected;
    if (inFeed !== expected || !enough) violations.push(place);
  }
  const unread = notices.filter(({ read }) => !read).length;
  const { body } = await actor.insist('GET', '/notifications/unread-count');
  const { count } = body as { count: number };
  if (count !== Math.min(unread, 100))
    violations.push(`${actor.name} has ${unread} unread and is told ${count}`);
  return { count: shared.length, violations };
}

async function checkFollowing(actor: Actor, { idol, ledger }: World): Promise<string[]> {
  const expected = ledger.following.get(actor);
  const { body } = await actor.insist('GET', `/users/${idol.userId}`);
  const { following } = (body as { viewer: { following: boolean } }).viewer;
  if (!expected) return [];
  const right = mayBe(expected, following);
  expected.acknowledged = following;
  expected.possible = [];
  return right ? [] : [`${actor.name} is ${following ? '' : 'not '}following`];
}

/** The bucket holds the objects that the table's photos name, all of them and no others. */
function compareObjects(objects: ReadonlyMap<string, readonly string[]>, items: readonly Stored[]): string[] {
  const named = new Map(
    items.filter(({ sk }) => sk === 'PHOTO').map((item) => [item.pk.slice('PHOTO#'.length), item]),
  );
  const violations: string[] = [];
  for (const id of new Set([...objects.keys(), ...named.keys()])) {
    const there = [...(objects.get(id) ?? [])].sort();
    const { originalKey = '', renditions = [] } = named.get(id) ?? {};
    const wanted = [originalKey, ...renditions.map(({ key }) => key)].sort();
    if (there.join() !== wanted.join()) {
      violations.push(`photo ${id} names the objects ${wanted.join()}, the bucket has ${there.join()}`);
    }
  }
  return violations;
}

/** The distinct keys of each photo's objects, by its id. */
async function objectsIn(place: StackEndpoint): Promise<Map<string, string[]>> {
  const s3 = new S3Client({ ...configOf(place), forcePathStyle: true });
  const objects = new Map<string, Set<string>>();
  const Bucket = `${PREFIX}-media-000000000000-eu-west-1`;
  try {
    let page: ListObjectVersionsCommandOutput | undefined;
    do {
      const from = { KeyMarker: page?.NextKeyMarker, VersionIdMarker: page?.NextVersionIdMarker };
      page = await s3.send(new ListObjectVersionsCommand({ Bucket, ...from }));
      for (const { Key = '' } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) {
        const id = Key.split('/')[1] ?? '';
        objects.set(id, (objects.get(id) ?? new Set()).add(Key));
      }
    } while (page.IsTruncated);
  } finally {
    s3.destroy();
  }
  return new Map([...objects].map(([id, keys]) => [id, [...keys]]));
}

async function itemsIn(place: StackEndpoint): Promise<Stored[]> {
  const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(configOf(place)));
  const pages = paginateScan(
    { client: dynamodb },
    {
      TableName: `${PREFIX}-table`,
      ProjectionExpression: 'pk, sk, originalKey, renditions',
      ConsistentRead: true,
    },
  );
  const items: Stored[] = [];
  try {
    for await (const { Items = [] } of pages) items.push(...(Items as Stored[]));
  } finally {
    dynamodb.destroy();
  }
  return items;
}

function configOf(place: StackEndpoint) {
  return { region: 'eu-west-1', endpoint: place.gateway, credentials: place.developer };
}
