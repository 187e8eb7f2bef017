import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { itemsOf, MEDIA_BUCKET, s3 } from '../support/e2e/aws.ts';
import {
  anEdit,
  type BatchView,
  batchNow,
  type EditView,
  editNow,
  editObjectsOf,
  endedExecutions,
  executionsOf,
  settledBatch,
  settledEdit,
} from '../support/e2e/edits.ts';
import { type Person, people } from '../support/e2e/person.ts';
import { aReadyPhoto, type PhotoView } from '../support/e2e/photos.ts';
import { messagesIn, send } from '../support/e2e/queues.ts';
import { callsOf } from '../support/e2e/record.ts';
import { inboxOf } from '../support/e2e/sight.ts';
import { pass, stack } from '../support/e2e/stack.ts';

let alice: Person;
let bert: Person;
let photo: PhotoView;
beforeAll(async () => {
  [alice, bert] = await people('alice', 'bert');
  photo = await aReadyPhoto(alice);
});

afterEach(() => stack.endFaults());

let drawn = 0;

/** Steps that nobody has asked for yet. */
const steps = () => [{ filter: 'exposure', params: { stops: ++drawn / 1_000 } }];
const newEdit = () => anEdit(alice, photo.id, ...steps());

/** Lets a task's function fail, so many times. */
function failing(lambda: string, times: number, effect: object = { kind: 'throttle' }) {
  const resource = `arn:aws:lambda:eu-west-1:000000000000:function:afterparty-local-${lambda}`;
  return {
    ...{ name: lambda.toLowerCase(), service: 'lambda', operation: 'Invoke', caller: 'service:states' },
    ...{ resource, times, effect },
  };
}

const ALWAYS = 1_000;
const broken = (lambda: string) => failing(lambda, ALWAYS, { kind: 'fail' });

/** The keys of what the photo's edits that are done are shown by, and nothing else is stored for edits. */
async function expectNoOrphans(): Promise<void> {
  const items = await itemsOf(`PHOTO#${photo.id}`);
  const edits = items.filter(({ entity, status }) => entity === 'edit' && status === 'done');
  const named = edits.flatMap(({ renditions }) => (renditions as { key: string }[]).map(({ key }) => key));
  expect((await editObjectsOf(photo.id)).sort()).toEqual(named.sort());
}

const wayOf = async ({ id }: { id: string }) =>
  (await executionsOf(id)).flatMap(({ path }) => path.map(({ state, event }) => `${state} ${event}`));

describe('the machine of an edit', () => {
  it.each(['checkEdit', 'renderEdit', 'publishEdit'])('tries %s again', async (lambda) => {
    await stack.startFaults(failing(lambda, 2));
    const edit = await newEdit();
    expect(await settledEdit(alice, edit)).toMatchObject({ status: 'done' });
    expect((await wayOf(edit)).filter((step) => step.endsWith('retried'))).toHaveLength(2);
  });

  it.each(['checkEdit', 'renderEdit', 'publishEdit'])(
    'compensates where %s is given up, and tells the owner',
    async (lambda) => {
      await stack.startFaults(broken(lambda), failing('failEdit', 1));
      const edit = await newEdit();
      expect(await settledEdit(alice, edit)).toMatchObject({
        status: 'failed',
        failure: { code: 'internal' },
      });
      await stack.idle();
      expect(await inboxOf(alice)).toContainEqual(
        expect.objectContaining({
          type: 'edit-failed',
          editId: edit.id,
          failure: expect.objectContaining({ code: 'internal' }),
        }),
      );
      const way = await wayOf(edit);
      expect(way).toContain('Compensate retried');
      expect(way.at(-1)).toBe('Failed entered');
      await expectNoOrphans();
    },
  );

  it('leaves to the schedule what it cannot compensate', async () => {
    await stack.startFaults(broken('publishEdit'), broken('failEdit'));
    const edit = await newEdit();
    await settledEdit(alice, edit);
    expect((await wayOf(edit)).at(-1)).toBe('NotCompensated entered');
    await stack.endFaults();
    await pass(7);
    await alice.signInAgain();
    expect(await editNow(alice, edit)).toMatchObject({ status: 'failed', failure: { code: 'timed-out' } });
    await expectNoOrphans();
  });

  it('does nothing for an edit that another execution has, or that has ended', async () => {
    const edit = await newEdit();
    await settledEdit(alice, edit);
    const before = await editNow(alice, edit);
    await send('edits-queue', {
      ...{ id: `edit/${edit.id}/1`, type: 'edit.requested', version: 1, time: edit.createdAt },
      ...{ correlationId: 'a-repeated-message', actor: { id: alice.userId } },
      subject: { kind: 'edit', id: edit.id, ownerId: alice.userId },
      data: { photoId: photo.id },
    });
    await stack.idle();
    expect((await wayOf(edit)).filter((step) => step === 'Superseded entered')).toHaveLength(1);
    expect(await editNow(alice, edit)).toEqual(before);
  });

  it('ends quietly where the edit is deleted before it is rendered', async () => {
    await stack.startFaults(failing('renderEdit', 1, { kind: 'delay', minMs: 5_000, maxMs: 5_000 }));
    const edit = await newEdit();
    const running = async () => (await editNow(alice, edit)).status === 'running';
    while (!(await running())) await new Promise(setImmediate);
    expect((await alice.delete(`/photos/${photo.id}/edits/${edit.id}`)).status).toBe(204);
    await stack.advance(6_000);
    await stack.idle();
    expect((await wayOf(edit)).at(-1)).toBe('Superseded entered');
    await expectNoOrphans();
  });
});

describe('workers that are ended from outside', () => {
  it.each(['checkEdit', 'renderEdit', 'publishEdit', 'failEdit'])(
    'at any call of %s: the edit ends, and leaves no objects that are nobody’s',
    async (lambda) => {
      const fails = lambda === 'failEdit' ? [broken('publishEdit')] : [];
      await stack.startFaults(...fails);
      const calls = await callsOf(lambda, async () => settledEdit(alice, await newEdit()));
      expect(calls.length).toBeGreaterThan(1);
      for (const { service, operation, after } of calls) {
        for (const when of ['before', 'after']) {
          await stack.endFaults();
          const crash = {
            service,
            operation,
            after,
            caller: lambda,
            times: 1,
            effect: { kind: 'crash', when },
          };
          await stack.startFaults(...fails, { ...crash, name: 'crash' });
          const edit = await newEdit();
          const { status } = await settledEdit(alice, edit);
          await endedExecutions(edit.id);
          expect([operation, after, when, status]).toEqual([
            ...[operation, after, when],
            fails.length > 0 ? 'failed' : 'done',
          ]);
          expect((await stack.endFaults()).get('crash')).toBe(1);
          await expectNoOrphans();
        }
      }
    },
    120_000,
  );
});

describe('a batch', () => {
  const ask = async (person: Person, photoIds: readonly string[]) =>
    person.post<{ batch: BatchView }>('/batches', { photoIds, steps: steps() });
  const aBatch = async (photoIds: readonly string[]) => {
    const { status, body } = await ask(alice, photoIds);
    expect(status).toBe(202);
    return body.batch;
  };
  let photos: PhotoView[];
  let ids: string[];
  beforeAll(async () => {
    await alice.signInAgain();
    photos = [];
    for (let count = 0; count < 12; count++) photos.push(await aReadyPhoto(alice));
    ids = photos.map(({ id }) => id);
  });

  it('makes the edit of each photo, and tells of the whole once', async () => {
    const batch = await aBatch(ids);
    expect(batch).toMatchObject({ status: 'running', counts: { total: 12 } });
    const done = await settledBatch(alice, batch.id);
    expect(done).toMatchObject({ status: 'done', counts: { total: 12, done: 12, failed: 0 }, failures: [] });
    for (const id of ids) {
      const { body } = await alice.get<{ items: EditView[] }>(`/photos/${id}/edits`);
      expect(body.items).toContainEqual(expect.objectContaining({ status: 'done', batchId: batch.id }));
    }
    await stack.idle();
    const told = (await inboxOf(alice)).filter(({ batchId }) => batchId === batch.id);
    expect(told.map(({ type }) => type)).toEqual(['batch-done']);
    expect((await executionsOf(batch.id)).filter(({ name }) => name === batch.id)).toHaveLength(1);
  });

  it('goes on past photos that cannot be edited, and says which', async () => {
    const [poison, trashed, small] = [
      await aReadyPhoto(alice),
      await aReadyPhoto(alice),
      await aReadyPhoto(alice),
    ];
    const [item] = await itemsOf(`PHOTO#${poison.id}`);
    const { originalKey: Key, originalVersionId: VersionId } = item as {
      originalKey: string;
      originalVersionId: string;
    };
    await s3.send(new DeleteObjectCommand({ Bucket: MEDIA_BUCKET, Key, VersionId }));
    await alice.delete(`/photos/${trashed.id}`);
    const given = [poison.id, ids[0], trashed.id, ids[1], small.id];
    const { body } = await alice.post<{ batch: BatchView }>('/batches', { photoIds: given, steps: steps() });
    const done = await settledBatch(alice, body.batch.id);
    expect(done).toMatchObject({ status: 'done', counts: { total: 5, done: 3, failed: 2 } });
    expect(done.failures.map(({ photoId, code }) => [photoId, code])).toEqual([
      [poison.id, 'internal'],
      [trashed.id, 'photo-unavailable'],
    ]);
  });

  it('stops when it is cancelled: what is done stays, nothing is begun', async () => {
    await stack.startFaults(failing('openPage', 2, { kind: 'delay', minMs: 5_000, maxMs: 5_000 }));
    const batch = await aBatch(ids);
    expect((await alice.delete(`/batches/${batch.id}`)).status).toBe(204);
    expect((await alice.delete(`/batches/${batch.id}`)).status).toBe(204);
    for (let round = 0; round < 4; round++) {
      await stack.advance(5_000);
      await stack.idle();
    }
    expect(await batchNow(alice, batch.id)).toMatchObject({
      status: 'cancelled',
      counts: { done: 0, waiting: 12 },
    });
    expect((await executionsOf(batch.id)).map(({ status }) => status)).toEqual(['SUCCEEDED']);
  });

  it.each([
    ['openPage', 1, 'done'],
    ['lookAtPage', 1, 'done'],
    ['endBatch', 1, 'done'],
    ['openPage', ALWAYS, 'failed'],
    ['lookAtPage', ALWAYS, 'failed'],
    ['endBatch', 5, 'failed'],
  ])('whose %s fails %i times ends %s', async (lambda, times, status) => {
    await stack.startFaults(failing(lambda, times));
    const batch = await aBatch(ids.slice(0, 1));
    expect(await settledBatch(alice, batch.id)).toMatchObject({ status });
  });

  it('that its machine cannot end is left to the schedule', async () => {
    await stack.startFaults(failing('endBatch', ALWAYS));
    const batch = await aBatch(ids.slice(0, 1));
    expect((await endedExecutions(batch.id)).map(({ status }) => status)).toContain('FAILED');
    const [item] = await itemsOf(`BATCH#${batch.id}`);
    expect(item).toMatchObject({
      entity: 'batch',
      status: 'running',
      gsi2pk: expect.stringMatching(/^DUE#/),
    });
  });

  it('is its owner’s alone', async () => {
    const batch = await aBatch(ids.slice(0, 1));
    await settledBatch(alice, batch.id);
    expect((await bert.get(`/batches/${batch.id}`)).status).toBe(404);
    expect((await bert.delete(`/batches/${batch.id}`)).status).toBe(404);
    const { status, body } = await bert.post('/batches', { photoIds: [ids[0]], steps: steps() });
    expect({ status, errors: body.errors }).toMatchObject({
      status: 422,
      errors: [{ pointer: '/photoIds/0' }],
    });
  });

  it.each([
    ['no photos', { photoIds: [] }, '/photoIds'],
    ['a photo twice', () => ({ photoIds: [ids[0], ids[0]] }), '/photoIds'],
    ['too many photos', { photoIds: Array.from({ length: 1_001 }, (_, at) => idNumber(at)) }, '/photoIds'],
    ['no photo at all', { photoIds: [idNumber(1)] }, '/photoIds/0'],
    ['unknown filters', () => ({ photoIds: [ids[0]], steps: [{ filter: 'sparkle' }] }), '/steps/0'],
  ])('of %s is refused', async (_what, given, pointer) => {
    const body = { steps: steps(), ...(typeof given === 'function' ? given() : given) };
    const answer = await alice.post('/batches', body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors?.[0]?.pointer.startsWith(pointer)).toBe(true);
  });
});

/** A photo id that nobody has. */
function idNumber(number: number): string {
  return `01KAF0000000000000000${String(number).padStart(5, '0')}`;
}

interface Machine {
  readonly States: Readonly<
    Record<
      string,
      {
        readonly Retry?: object[];
        readonly Catch?: { readonly ErrorEquals: string[] }[];
        readonly ItemProcessor?: Machine;
      }
    >
  >;
}

/** Everything that may happen in a machine: states entered, retried, and caught by each of their Catches. */
function possibleIn({ States }: Machine): string[] {
  return Object.entries(States).flatMap(([name, { Retry, Catch = [], ItemProcessor }]) => [
    `${name} entered`,
    ...(Retry ? [`${name} retried`] : []),
    ...Catch.map(({ ErrorEquals }) => `${name} caught ${ErrorEquals.join()}`),
    ...(ItemProcessor ? possibleIn(ItemProcessor) : []),
  ]);
}

describe.each(['filter-photo', 'filter-batch'])('of %s', (name) => {
  it('every state was entered, every Retry and every Catch taken', async () => {
    const file = join(import.meta.dirname, '..', '..', 'statemachines', `${name}.asl.json`);
    const possible = possibleIn(JSON.parse(readFileSync(file, 'utf8')));
    const ways = (await stack.executions()).filter(({ machine }) => machine.endsWith(name));
    const happened = new Set(
      ways.flatMap(({ path }) =>
        path.map(({ state, event, error }) => {
          if (event !== 'caught') return `${state} ${event}`;
          const own = `${state} caught ${error}`;
          return possible.includes(own) ? own : `${state} caught States.ALL`;
        }),
      ),
    );
    expect(possible.filter((one) => !happened.has(one))).toEqual([]);
  });
});

afterAll(async () => {
  expect(await messagesIn('edits-dead-letter-queue')).toBe(0);
});
