import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCallerNamed } from '../../support/callers.ts';
import { type LibStack, startLibStack } from '../../support/lib-stack.ts';

let stack: LibStack;
let lib: Awaited<ReturnType<typeof importLib>>;

async function importLib() {
  return {
    ...(await import('../../../lib/people/follow.ts')),
    ...(await import('../../../lib/people/user.ts')),
  };
}

beforeAll(async () => {
  stack = await startLibStack();
  lib = await importLib();
});

afterAll(() => stack.stop());

describe('ensureUser', () => {
  it('makes one person of many first requests', async () => {
    const caller = aCallerNamed('ana');
    const made = await Promise.all(Array.from({ length: 8 }, () => lib.ensureUser(caller)));
    expect(new Set(made.map(({ handle }) => handle))).toEqual(new Set([made[0]?.handle]));
    expect(await lib.findUser(caller.userId)).toEqual(made[0]);
  });

  it('gives a handle to one of two whose user names differ in case only', async () => {
    const username = `Ana_${randomUUID().slice(0, 8)}`;
    const [first, second] = await Promise.all(
      [username, username.toUpperCase()].map((name) =>
        lib.ensureUser({ userId: randomUUID(), username: name }),
      ),
    );
    const handles = [first?.handle, second?.handle];
    expect(handles).toContain(username.toLowerCase());
    expect(handles.filter((handle) => handle?.startsWith('guest.'))).toHaveLength(1);
  });

  it.each(['a', 'x'.repeat(31), 'Änne', 'a b', '../admin', '{"$ne":1}'])(
    'makes a handle for somebody whose user name %j cannot be one',
    async (username) => {
      const { handle, name } = await lib.ensureUser({ userId: randomUUID(), username });
      expect(handle).toMatch(/^guest\.[0-9a-f]{20}$/);
      expect(name).toBe(username);
    },
  );

  it.each([
    ['mail address', 'ana.banana@mail.example', 'ana.banana'],
    ['telephone number', '+4915112345678', expect.stringMatching(/^guest\./)],
  ])('shows nobody the %s that somebody signed up with', async (_what, username, shown) => {
    const { handle, name } = await lib.ensureUser({ userId: randomUUID(), username });
    expect(name).toEqual(shown);
    expect(handle).toMatch(/^guest\./);
  });
});

describe('following', () => {
  it('is one edge however often it is asked for, and none after the end of it', async () => {
    const [ana, ben] = [randomUUID(), randomUUID()];
    await Promise.all(Array.from({ length: 5 }, () => lib.follow(ana, ben)));
    expect((await lib.followersOf(ben, { limit: 10 })).items).toEqual([ana]);
    expect(await lib.viewerOf({ userId: ana }, ben)).toEqual({ following: true, followsMe: false });
    expect(await lib.viewerOf({ userId: ben }, ana)).toEqual({ following: false, followsMe: true });
    await lib.unfollow(ana, ben);
    await lib.unfollow(ana, ben);
    expect((await lib.followersOf(ben, { limit: 10 })).items).toEqual([]);
  });

  it('oneself is refused', async () => {
    const ana = randomUUID();
    await expect(lib.follow(ana, ana)).rejects.toMatchObject({ status: 422 });
  });

  it('is found among many, some of them named twice and oneself', async () => {
    const ana = randomUUID();
    const others = Array.from({ length: 130 }, () => randomUUID());
    const followed = others.filter((_, index) => index % 10 === 0);
    await Promise.all(followed.map((other) => lib.follow(ana, other)));
    expect(await lib.followedAmong(ana, [...others, ...others, ana])).toEqual(new Set(followed));
  });
});
