import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { anEvent, type Recommendations, recommended, report } from '../support/e2e/clicks.ts';
import { anonymous, later, type Person, people } from '../support/e2e/person.ts';
import { aReadyPhoto, type PhotoView } from '../support/e2e/photos.ts';
import { pass, stack } from '../support/e2e/stack.ts';

let owner: Person;
let ana: Person;
let bob: Person;
let sea: PhotoView[];
let town: PhotoView[];

const idsOf = ({ items }: Recommendations) => items.map(({ photo }) => photo.id);

beforeAll(async () => {
  [owner, ana, bob] = await people('owner', 'ana', 'bob');
  const photos = (tag: string) =>
    Promise.all(Array.from({ length: 4 }, () => aReadyPhoto(owner, { visibility: 'public', tags: tag })));
  sea = await photos('sea');
  town = await photos('town');
});

afterEach(async () => {
  await stack.endFaults();
});

describe('from the first minute', () => {
  it('a newcomer is shown what is new, with positions and reasons', async () => {
    const answer = await recommended(ana, '?limit=100');
    expect(idsOf(answer).length).toBeGreaterThanOrEqual(sea.length + town.length);
    expect(answer.items.map(({ position }) => position)).toEqual(answer.items.map((_, index) => index));
    expect(answer.recommendationId).toMatch(new RegExp(`^${answer.source}\\.main\\.`));
  });

  it('what was looked at or dismissed is gone at the next call, and nobody is shown their own', async () => {
    const [seen, dismissed] = [sea[0] as PhotoView, town[0] as PhotoView];
    await report(ana, anEvent('view', seen.id), anEvent('dismiss', dismissed.id));
    const answer = await recommended(ana, '?limit=100');
    for (const { id } of [seen, dismissed]) expect(idsOf(answer)).not.toContain(id);
    expect(idsOf(await recommended(owner, '?limit=100'))).not.toContain(sea[1]?.id);
  });

  it('a photo that is hidden is gone at the next call', async () => {
    const [shown, other] = [
      await aReadyPhoto(owner, { visibility: 'public', tags: 'hide-and-seek' }),
      await aReadyPhoto(owner, { visibility: 'public', tags: 'hide-and-seek' }),
    ];
    const similar = async () =>
      idsOf((await bob.get<Recommendations>(`/photos/${shown.id}/similar?limit=100`)).body);
    expect(await similar()).toContain(other.id);
    await owner.patch(`/photos/${other.id}`, { visibility: 'private' });
    expect(await similar()).not.toContain(other.id);
  });

  it.each(['?limit=0', '?limit=101', '?limit=x'])('refuses %s', async (query) => {
    expect((await ana.get(`/recommendations${query}`)).status).toBe(422);
  });

  it('is for people who have signed in; what is similar is for everybody who may see the photo', async () => {
    expect((await anonymous.get('/recommendations')).status).toBe(401);
    const { id } = sea[0] as PhotoView;
    expect((await anonymous.get(`/photos/${id}/similar`)).status).toBe(200);
    const hidden = await aReadyPhoto(owner, { visibility: 'private' });
    expect((await ana.get(`/photos/${hidden.id}/similar`)).status).toBe(404);
  });
});

describe('once there is a model', () => {
  beforeAll(async () => {
    const fans = await people('f1', 'f2', 'f3', 'f4', 'f5', 'f6');
    for (const [index, fan] of fans.entries()) {
      const liked = index % 2 === 0 ? sea : town;
      await report(fan, ...liked.map(({ id }) => anEvent('like', id)));
    }
    await later(7, owner, ana, bob);
  });

  it('the built-in model answers, and one like moves the next answer', async () => {
    await stack.startFaults({ name: 'down', service: 'personalize', effect: { kind: 'throttle' } });
    const [newcomer] = await people('newcomer');
    const before = await recommended(newcomer, '?limit=50');
    expect(before.source).toBe('built-in');
    await report(newcomer, anEvent('like', (town[1] as PhotoView).id));
    const after = await recommended(newcomer, '?limit=50');
    expect(after.source).toBe('built-in');
    expect(idsOf(after)).not.toEqual(idsOf(before));
    // Which of them says more about so small a world, training decides by all that is in it.
    const goBackTo = ({ reason }: Recommendations['items'][number]) =>
      ('photoId' in reason && reason.photoId === town[1]?.id) || ('tag' in reason && reason.tag === 'town');
    expect(before.items.filter(goBackTo)).toEqual([]);
    // A new model that is not there within a second, as on a busy machine, is asked for again half a minute later.
    await expect
      .poll(
        async () => {
          await pass(1);
          return (await recommended(newcomer, '?limit=50')).items.filter(goBackTo);
        },
        { timeout: 30_000 },
      )
      .not.toEqual([]);
  });

  it('ranks photos for the caller, and leaves out what they may not see', async () => {
    const [fan] = await people('fan');
    await report(fan, anEvent('like', (sea[1] as PhotoView).id));
    const hidden = await aReadyPhoto(owner, { visibility: 'private' });
    const photoIds = [town[2], hidden, sea[2]].map((photo) => (photo as PhotoView).id);
    const { body } = await fan.post<Recommendations>('/recommendations/rank', { photoIds });
    expect(new Set(idsOf(body))).toEqual(new Set([sea[2]?.id, town[2]?.id]));
  });

  it('finds what is similar', async () => {
    const { body } = await anonymous.get<Recommendations>(
      `/photos/${(sea[2] as PhotoView).id}/similar?limit=3`,
    );
    expect(body.source).toBe('built-in');
    expect(sea.map(({ id }) => id)).toEqual(expect.arrayContaining(idsOf(body)));
  });

  it.each([
    ['throttled', { kind: 'throttle' }],
    ['broken', { kind: 'fail', status: 503 }],
    ['cut off', { kind: 'drop' }],
    ['slow', { kind: 'delay', minMs: 60_000, maxMs: 60_000 }],
  ])('answers where Personalize is %s', async (_how, effect) => {
    await stack.startFaults({ name: 'personalize', service: 'personalize', effect });
    await report(bob, anEvent('view', (sea[3] as PhotoView).id));
    const { status, body } = await bob.get<Recommendations>('/recommendations');
    expect(status).toBe(200);
    expect(['built-in', 'last-list']).toContain(body.source);
    expect(body.items.length).toBeGreaterThan(0);
  });

  it('answers with what is trending, or new, where the model cannot be fetched and read', async () => {
    await stack.startFaults({
      name: 'no-model',
      service: 's3',
      caller: 'recommendations',
      effect: { kind: 'throttle' },
    });
    const { status, body } = await ana.get<Recommendations>('/recommendations?limit=5');
    expect(status).toBe(200);
    expect(body.items.length).toBeGreaterThan(0);
  });
});
