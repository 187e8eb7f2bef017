import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { beforeAll, describe, expect, it } from 'vitest';
import { itemsOf } from '../support/e2e/aws.ts';
import { anEvent, interactionsOf, report, stored, tasteOf } from '../support/e2e/clicks.ts';
import { anonymous, type Person, people } from '../support/e2e/person.ts';
import { aReadyPhoto, type PhotoView } from '../support/e2e/photos.ts';
import { stack } from '../support/e2e/stack.ts';

let ana: Person;
let bob: Person;
let photo: PhotoView;
let hidden: PhotoView;

beforeAll(async () => {
  [ana, bob] = await people('ana', 'bob');
  photo = await aReadyPhoto(ana, { visibility: 'public' });
  hidden = await aReadyPhoto(ana, { visibility: 'private' });
});

describe('POST /events', () => {
  it('takes each event by itself, and says by index what it does not take, and why', async () => {
    const { status, body } = await report(
      bob,
      anEvent('view', photo.id),
      anEvent('view', hidden.id),
      { type: 'view' },
      anEvent('rating', photo.id, { value: 6 }),
      anEvent('dance', photo.id),
      anEvent('view', photo.id, { userId: ana.userId }),
      anEvent('rating', photo.id, { value: 4.5 }),
    );
    expect(status).toBe(202);
    expect(body.accepted).toBe(2);
    expect(body.rejected.map(({ index, code }) => [index, code])).toEqual([
      [1, 'not-found'],
      [2, 'invalid'],
      [3, 'invalid'],
      [4, 'invalid'],
      [5, 'invalid'],
    ]);
  });

  it('says in Unicode text what it does not take, whatever a client names its fields', async () => {
    const named = (name: string) => anEvent('view', photo.id, { [name]: 1 });
    const { body } = await report(
      bob,
      named('\ud800'),
      named('🦆'.repeat(200)),
      named(`x${'🦆'.repeat(200)}`),
    );
    expect(body.rejected.map(({ detail }) => detail.isWellFormed())).toEqual([true, true, true]);
  });

  it.each([
    ['no events', { sessionId: 's', events: [] }],
    ['a hundred and one', { sessionId: 's', events: Array.from({ length: 101 }, () => ({})) }],
    ['a session with a name in it', { sessionId: 'Ana Banana', events: [{}] }],
    ['a person', { sessionId: 's', events: [{}], userId: 'x' }],
  ])('refuses %s as a whole', async (_what, body) => {
    expect((await bob.post('/events', body)).status).toBe(422);
  });

  it('is for people who have signed in', async () => {
    expect((await anonymous.post('/events', { sessionId: 's', events: [{}] })).status).toBe(401);
  });

  it('stores what it accepted, each event once however often it is sent, and never whose it was', async () => {
    const own = await aReadyPhoto(ana, { visibility: 'public', caption: 'Ana in her garden' });
    const events = Array.from({ length: 30 }, () => anEvent('impression', own.id, { position: 3 }));
    const sent = await Promise.all([report(bob, ...events), report(bob, ...events), report(ana, ...events)]);
    expect(sent.map(({ body }) => body.accepted)).toEqual([30, 30, 30]);
    await stored();
    const interactions = (await interactionsOf([own.id])).filter(({ type }) => type === 'impression');
    expect(interactions).toHaveLength(60);
    expect(new Set(interactions.map(({ pk }) => pk)).size).toBe(2);
    const text = JSON.stringify(interactions);
    for (const personal of [ana.userId, bob.userId, ana.userName, 'garden', 'a-session']) {
      expect(text).not.toContain(personal);
    }
  });

  it('lets nothing that one person reports keep what others report from being filed', async () => {
    const own = await aReadyPhoto(ana, { visibility: 'public' });
    const invented = `personalize.main.${'r'.repeat(90)}`;
    const odd = await report(
      bob,
      anEvent('dwell', own.id, { value: Number.MIN_VALUE }),
      anEvent('purchase', own.id, { value: 1e-200 }),
      anEvent('view', own.id, { recommendationId: invented }),
    );
    expect([odd.status, odd.body]).toEqual([202, { accepted: 3, rejected: [] }]);
    await report(ana, anEvent('share', own.id));
    await stored();
    const types = (await interactionsOf([own.id])).map(({ type }) => type).sort();
    expect(types).toEqual(['dwell', 'purchase', 'share', 'upload', 'view']);
  });

  it('clamps times: nothing happens after now, nor more than a week ago', async () => {
    const own = await aReadyPhoto(ana, { visibility: 'public' });
    await report(
      bob,
      anEvent('view', own.id, { at: '2999-01-01T00:00:00Z' }),
      anEvent('click', own.id, { at: '1999-01-01T00:00:00+02:00' }),
    );
    await stored();
    const byType = new Map((await interactionsOf([own.id])).map((one) => [one.type, one]));
    expect(byType.get('view')?.at).toBe(byType.get('view')?.receivedAt);
    const week = 7 * 86_400_000;
    expect(Number(byType.get('click')?.receivedAt) - Number(byType.get('click')?.at)).toBe(week);
  });
});

describe('a beacon', () => {
  const beacon = (body: object, type = 'text/plain;charset=UTF-8') =>
    anonymous.send('POST', '/events/beacon', JSON.stringify(body), { 'content-type': type });

  it('brings events in with a ticket, as the page goes', async () => {
    const { body } = await bob.post<{ ticket: string }>('/events/tickets');
    const event = anEvent('dismiss', photo.id);
    const answer = await beacon({ ticket: body.ticket, sessionId: 's', events: [event] });
    expect([answer.status, answer.body]).toEqual([202, { accepted: 1, rejected: [] }]);
    expect((await tasteOf(bob))?.dismissed).toContain(photo.id);
  });

  it.each([
    ['without a ticket', {}, 422],
    ['with a ticket of somebody’s own making', { ticket: 'A'.repeat(80) }, 401],
  ])('%s is refused', async (_what, ticket, status) => {
    const answer = await beacon({ ...ticket, sessionId: 's', events: [anEvent('view', photo.id)] });
    expect(answer.status).toBe(status);
  });

  it('is text, so that a browser sends it without asking first', async () => {
    expect((await beacon({}, 'application/json')).status).toBe(415);
  });
});

describe('likes', () => {
  it('count once, are shown with the photo, and join the clickstream by themselves', async () => {
    const own = await aReadyPhoto(ana, { visibility: 'public' });
    for (const _ of [1, 2]) expect((await bob.put(`/photos/${own.id}/like`)).status).toBe(204);
    const seen = (await bob.get<PhotoView>(`/photos/${own.id}`)).body;
    expect([seen.counts.likes, seen.viewer.liked]).toEqual([1, true]);
    expect((await ana.get<PhotoView>(`/photos/${own.id}`)).body.viewer.liked).toBe(false);
    await stored();
    for (const _ of [1, 2]) expect((await bob.delete(`/photos/${own.id}/like`)).status).toBe(204);
    await stored();
    const types = (await interactionsOf([own.id])).map(({ type }) => type).sort();
    expect(types).toEqual(['like', 'unlike', 'upload']);
    expect((await anonymous.get<PhotoView>(`/photos/${own.id}`)).body.counts.likes).toBe(0);
  });

  it('are for photos that one may see', async () => {
    expect((await bob.put(`/photos/${hidden.id}/like`)).status).toBe(404);
    expect((await anonymous.put(`/photos/${photo.id}/like`)).status).toBe(401);
  });

  it('go with the photo', async () => {
    const own = await aReadyPhoto(ana, { visibility: 'public' });
    await bob.put(`/photos/${own.id}/like`);
    await ana.delete(`/photos/${own.id}`);
    await ana.delete(`/me/trash/${own.id}`);
    await stack.idle();
    const likes = (await itemsOf(`USER#${bob.userId}`)).filter(({ entity }) => entity === 'like');
    expect(likes.filter(({ photoId }) => photoId === own.id)).toEqual([]);
  });
});

it('somebody who is forgotten leaves nothing that can be linked, and reports nothing any more', async () => {
  const [dora] = await people('dora');
  const own = await aReadyPhoto(ana, { visibility: 'public' });
  await report(dora, anEvent('view', own.id), anEvent('dismiss', own.id));
  await stored();
  const person = (await interactionsOf([own.id])).find(({ type }) => type === 'dismiss')?.pk;
  const lambda = new LambdaClient(stack.clientConfig);
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({
      FunctionName: 'afterparty-local-forgetPerson',
      Payload: JSON.stringify({ userId: dora.userId, correlationId: 'forget-dora' }),
    }),
  );
  expect(FunctionError).toBeUndefined();
  expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toEqual({ interactions: 2, unlinkable: true });
  expect((await interactionsOf([own.id])).filter(({ pk }) => pk === person)).toEqual([]);
  expect(await tasteOf(dora)).toMatchObject({ key: '', events: [], dismissed: [] });
  const refused = await report(dora, anEvent('view', own.id));
  expect(refused.status).toBe(401);
});
