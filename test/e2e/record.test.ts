import { HeadObjectCommand } from '@aws-sdk/client-s3';
import type { Message } from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { ACTIVITY_TOPIC_ARN, itemsOf, MEDIA_BUCKET, s3 } from '../support/e2e/aws.ts';
import { type Person, people } from '../support/e2e/person.ts';
import {
  aPicture,
  bodyOf,
  declarationOf,
  type Handed,
  photograph,
  postForm,
  settled,
} from '../support/e2e/photos.ts';
import { callerOf, linesOf, logLines, type RecordedCall, recorded } from '../support/e2e/record.ts';
import { stack } from '../support/e2e/stack.ts';
import { attributesOf, listen } from '../support/e2e/topic.ts';

let alice: Person;
let bert: Person;
beforeAll(async () => {
  [alice, bert] = await people('alice', 'bert');
  await bert.follow(alice);
});

/** Polls end when their time is over, whatever happens meanwhile. */
const POLLS = ['ReceiveMessage', 'GetRecords'];
/** What of the clickstream waits for its minute happens whenever that is over. */
const BY_THE_MINUTE = /firehose\.amazonaws\.com|learnFromClicks|learning-queue|trainModel/;

describe('the record of one upload', () => {
  const correlationId = `upload-${Date.now()}`;
  let photoId: string;
  let originalKey: string;
  let calls: RecordedCall[];
  let facts: Message[];
  beforeAll(async () => {
    const stopListening = await listen();
    calls = await recorded(async () => {
      const { status, headers, body } = await alice.post<Handed>(
        '/photos',
        bodyOf(photograph('nagasaki-boats')),
        {
          'x-correlation-id': correlationId,
        },
      );
      expect(status).toBe(202);
      expect(headers.get('x-correlation-id')).toBe(correlationId);
      photoId = body.photo.id;
    });
    facts = await stopListening();
    const [photo] = await itemsOf(`PHOTO#${photoId}`);
    originalKey = String(photo?.originalKey);
  });

  const one = (caller: string, operation: string, place = '') => {
    const found = calls.filter(
      (call) =>
        callerOf(call) === caller &&
        call.operation === operation &&
        linesOf(call).some((line) => line.endsWith(place)),
    );
    expect(found.length, `${caller} ${operation} ${place}`).toBeGreaterThan(0);
    return found as [RecordedCall, ...RecordedCall[]];
  };

  it('goes from the bucket to the inbox, each step after the one before', () => {
    const renditions = one('makeRenditions', 'PutObject', 'media/renditions');
    expect(renditions).toHaveLength(6);
    const steps = [
      one('photos', 'PutObject', 'media/originals')[0],
      one('s3.amazonaws.com', 'SendMessage', 'uploads-queue')[0],
      one('makeRenditions', 'ReceiveMessage', 'uploads-queue')[0],
      one('lambda.amazonaws.com', 'Invoke', 'makeRenditions')[0],
      one('makeRenditions', 'GetObject', 'media/originals')[0],
      ...renditions,
      one('makeRenditions', 'UpdateItem', 'table').at(-1) as RecordedCall,
      one('announceChanges', 'GetRecords', 'table/stream').find(
        (call) => call.seq > (one('makeRenditions', 'UpdateItem').at(-1)?.seq ?? 0),
      ) as RecordedCall,
      one('announceChanges', 'PublishBatch', 'activity-topic')[0],
      one('sns.amazonaws.com', 'SendMessage', 'inbox-queue')[0],
      one('updateInbox', 'ReceiveMessage', 'inbox-queue')[0],
      one('updateInbox', 'PutItem', 'table')[0],
    ];
    for (const [index, step] of steps.slice(1).entries()) {
      const before = steps[index] as RecordedCall;
      // Times have whole milliseconds.
      expect(timeOf(step), `${step.operation} after ${before.operation}`).toBeGreaterThanOrEqual(
        timeOf(before) - 1,
      );
    }
    expect(steps.map(({ result }) => result)).toEqual(steps.map(() => 'ok'));
  });

  it('names who called, on whose behalf, and what it was about', () => {
    const account = 'eu-west-1:000000000000';
    const bucket = `arn:aws:s3:::${MEDIA_BUCKET}`;
    expect(one('photos', 'PutObject')[0]).toMatchObject({
      principal: { kind: 'function', arn: `arn:aws:lambda:${account}:function:afterparty-local-photos` },
      needs: [{ action: 's3:PutObject', resource: `${bucket}/${originalKey}` }],
    });
    expect(one('s3.amazonaws.com', 'SendMessage')[0]).toMatchObject({
      principal: { kind: 'service', sourceArn: bucket },
      needs: [
        { action: 'sqs:SendMessage', resource: `arn:aws:sqs:${account}:afterparty-local-uploads-queue` },
      ],
    });
    expect(one('lambda.amazonaws.com', 'Invoke', 'makeRenditions')[0].principal).toMatchObject({
      sourceArn: `arn:aws:sqs:${account}:afterparty-local-uploads-queue`,
    });
    expect(one('makeRenditions', 'GetObject')[0].needs).toEqual([
      { action: 's3:GetObjectVersion', resource: `${bucket}/${originalKey}` },
    ]);
    expect(one('sns.amazonaws.com', 'SendMessage', 'inbox-queue')[0].principal).toMatchObject({
      sourceArn: ACTIVITY_TOPIC_ARN,
    });
    expect(one('lambda.amazonaws.com', 'Invoke', 'announceChanges')[0].principal).toMatchObject({
      sourceArn: expect.stringMatching(/:table\/afterparty-local-table\/stream\//),
    });
  });

  it('holds nothing else', () => {
    const caused = calls.filter(({ operation }) => !POLLS.includes(operation));
    const lines = caused.flatMap(linesOf).filter((line) => !BY_THE_MINUTE.test(line));
    expect([...new Set(lines)].sort()).toEqual([
      'announceChanges sns:Publish activity-topic',
      'lambda.amazonaws.com lambda:InvokeFunction announceChanges',
      'lambda.amazonaws.com lambda:InvokeFunction makeRenditions',
      'lambda.amazonaws.com lambda:InvokeFunction recordFacts',
      'lambda.amazonaws.com lambda:InvokeFunction updateFeed',
      'lambda.amazonaws.com lambda:InvokeFunction updateInbox',
      'makeRenditions dynamodb:GetItem table',
      'makeRenditions dynamodb:UpdateItem table',
      'makeRenditions s3:GetObjectVersion media/originals',
      'makeRenditions s3:PutObject media/renditions',
      'makeRenditions sqs:DeleteMessage uploads-queue',
      'photos dynamodb:BatchGetItem table',
      'photos dynamodb:GetItem table',
      'photos dynamodb:PutItem table',
      'photos dynamodb:UpdateItem table',
      'photos s3:PutObject media/originals',
      'recordFacts dynamodb:GetItem table',
      'recordFacts dynamodb:PutItem table',
      'recordFacts firehose:PutRecordBatch deliverystream/clicks-stream',
      'recordFacts sqs:DeleteMessage clicks-queue',
      's3.amazonaws.com sqs:SendMessage uploads-queue',
      'sns.amazonaws.com sqs:SendMessage clicks-queue',
      'sns.amazonaws.com sqs:SendMessage feed-queue',
      'sns.amazonaws.com sqs:SendMessage inbox-queue',
      'sns.amazonaws.com sqs:SendMessage removals-dead-letter-queue',
      'updateFeed dynamodb:BatchWriteItem table',
      'updateFeed dynamodb:Query table/index/gsi1',
      'updateFeed sqs:DeleteMessage feed-queue',
      'updateFeed sqs:SendMessage feed-queue',
      'updateInbox dynamodb:PutItem table',
      'updateInbox dynamodb:Query table/index/gsi1',
      'updateInbox sqs:DeleteMessage inbox-queue',
      'updateInbox sqs:SendMessage inbox-queue',
    ]);
  });

  it('has one correlation id from the request through objects, items and messages', async () => {
    const object = await s3.send(new HeadObjectCommand({ Bucket: MEDIA_BUCKET, Key: originalKey }));
    expect(object.Metadata).toEqual({ 'correlation-id': correlationId });
    const items = (
      await Promise.all([`PHOTO#${photoId}`, `FEED#${alice.userId}`, `FEED#${bert.userId}`].map(itemsOf))
    ).flat();
    const told = (await Promise.all([alice, bert].map(({ userId }) => itemsOf(`INBOX#${userId}`)))).flat();
    const about = [...items, ...told.filter(({ subjectId }) => subjectId === photoId)];
    expect(about.map(({ entity }) => entity).sort()).toEqual([
      'feed',
      'feed',
      'notification',
      'notification',
      'photo',
    ]);
    expect(new Set(about.map((item) => item.correlationId))).toEqual(new Set([correlationId]));
    expect(facts).toHaveLength(1);
    expect(JSON.parse(facts[0]?.Body ?? '')).toMatchObject({
      id: `photo/${photoId}/3`,
      ...{ type: 'photo.ready', version: 3, correlationId, actor: { id: alice.userId } },
      subject: { kind: 'photo', id: photoId, ownerId: alice.userId },
    });
    expect(attributesOf(facts[0])).toEqual({ type: 'photo.ready', visibility: 'public', correlationId });
  });

  it('has the same correlation id in a log line of every function on the way', async () => {
    await vi.waitFor(async () => {
      const lines = (await logLines()).filter((line) => line.correlationId === correlationId);
      const distinct = new Set(
        lines.map(({ lambda, message, outcome }) => `${lambda}: ${message} ${outcome}`),
      );
      expect([...distinct].sort()).toEqual([
        'announceChanges: announce-changes ok',
        'makeRenditions: make-renditions ready',
        'photos: request ok',
        'recordFacts: record-facts ok',
        'updateFeed: update-feed ok',
        'updateInbox: update-inbox ok',
      ]);
    });
  });
});

it('a form carries the correlation id to S3 and on', async () => {
  const bytes = await aPicture();
  const headers = { 'x-correlation-id': `form-${Date.now()}` };
  const { body } = await alice.post<Handed>('/photos', declarationOf(bytes), headers);
  await postForm(body.upload as never, bytes);
  await settled(alice, body.photo.id);
  const [photo] = await itemsOf(`PHOTO#${body.photo.id}`);
  expect(photo).toMatchObject({ status: 'ready', correlationId: headers['x-correlation-id'] });
  const object = await s3.send(
    new HeadObjectCommand({ Bucket: MEDIA_BUCKET, Key: String(photo?.originalKey) }),
  );
  expect(object.Metadata).toEqual({ 'correlation-id': headers['x-correlation-id'] });
});

it('each thing is done by one function alone, and none calls another', async () => {
  const calls = await stack.record();
  const callersOf = (...endings: string[]) => {
    const lines = calls.flatMap(linesOf).map((line) => line.split(/ (.*)/s));
    const found = lines.filter(([, what]) => endings.includes(what ?? '')).map(([caller]) => caller);
    return [...new Set(found)].filter((caller) => caller !== 'developer').sort();
  };
  expect(callersOf('lambda:InvokeFunction makeRenditions')).toEqual(['lambda.amazonaws.com']);
  expect(callersOf('sns:Publish activity-topic')).toEqual(['announceChanges']);
  expect(['makeRenditions', 'renderEdit']).toEqual(
    expect.arrayContaining(callersOf('s3:PutObject media/renditions')),
  );
  expect(callersOf('s3:PutObject media/originals')).toEqual(['photos']);
  expect(['s3.amazonaws.com', 'sns.amazonaws.com']).toEqual(
    expect.arrayContaining(callersOf('sqs:SendMessage uploads-queue')),
  );
  const byFunctions = calls.filter(({ principal }) => principal.kind === 'function');
  expect(byFunctions.filter(({ service }) => service === 'lambda')).toEqual([]);
});

/** The time of a call that others happen inside of is when it began, of any other when it ended. */
function timeOf({ operation, needs, time, ms }: RecordedCall): number {
  const encloses = operation === 'Invoke' || needs.some(({ resource }) => resource.includes('/originals/'));
  return Date.parse(time) - (encloses ? ms : 0);
}
