import * as z from 'zod';
import type { Caller } from '../http/call.ts';
import { userIdSchema } from '../ids.ts';
import { PRECISIONS } from '../images/place.ts';
import { notFound } from '../problem.ts';
import { absent } from '../table/condition.ts';
import { keys } from '../table/keys.ts';
import { get, getMany } from '../table/read.ts';
import { ConditionFailed, transact } from '../table/write.ts';

const HANDLE = /^[a-z0-9_.]{2,30}$/;

/** How exactly places of photos are kept, and shown to their owner. */
export const locationPrecisionSchema = z.enum(PRECISIONS).meta({
  id: 'LocationPrecision',
  description:
    'How exactly the place of a photo is kept: as the camera wrote it, to about 100 m, 1 km or 10 km, or not at all.',
});

export const userPath = z.object({ userId: userIdSchema });

/** A person as the table keeps them. */
const userItem = z.object({
  id: userIdSchema,
  handle: z.string(),
  name: z.string(),
  /** Nobody but the owner sees a place, so none is lost unless they ask for it. */
  locationPrecision: locationPrecisionSchema.default('exact'),
  version: z.number().int(),
  createdAt: z.string(),
});

export type User = z.infer<typeof userItem>;

/** A person as others see them beside a photo or in a list. */
export const personView = z
  .object({
    id: userIdSchema,
    handle: z.string().meta({ description: 'Unique, lower case, 2 to 30 of a-z 0-9 _ .' }),
    name: z.string(),
  })
  .meta({ id: 'Person' });

/** A person, and how the viewer stands to them. */
export const profileView = personView
  .extend({ viewer: z.object({ following: z.boolean(), followsMe: z.boolean() }) })
  .meta({ id: 'Profile' });

export type Person = z.infer<typeof personView>;

/** The person, or undefined. */
export async function findUser(userId: string): Promise<User | undefined> {
  const item = await get(keys.user(userId));
  return item && userItem.parse(item);
}

/** The person, or 404. */
export async function userNamed(userId: string): Promise<User> {
  const user = await findUser(userId);
  if (!user) throw notFound('person');
  return user;
}

/** People by id; somebody who is no longer there is shown without a name. */
export async function peopleById(userIds: readonly string[]): Promise<Map<string, Person>> {
  const distinct = [...new Set(userIds)];
  const items = await getMany(distinct.map(keys.user));
  return new Map(
    distinct.map((id, index) => [id, items[index] ? toPerson(userItem.parse(items[index])) : gone(id)]),
  );
}

export function toPerson({ id, handle, name }: User): Person {
  return { id, handle, name };
}

function gone(id: string): Person {
  return { id, handle: '', name: '' };
}

/**
 * The caller's own item, made at their first signed-in write. The handle is their user name where it can be
 * one and is free, else one made from their id.
 */
export async function ensureUser(caller: Caller, now = new Date()): Promise<User> {
  const known = await findUser(caller.userId);
  if (known) return known;
  const own = caller.username.toLowerCase();
  const handles = HANDLE.test(own) ? [own, handleFrom(caller.userId)] : [handleFrom(caller.userId)];
  for (const handle of handles) {
    const made = await createUser(caller, handle, now);
    if (made) return made;
  }
  throw new Error(`No handle is free for user ${caller.userId}`);
}

/** The new person, the one that a concurrent request made, or undefined where the handle is taken. */
async function createUser(caller: Caller, handle: string, now: Date): Promise<User | undefined> {
  const name = nameFrom(caller.username) ?? handle;
  const user = { id: caller.userId, handle, name, createdAt: now.toISOString() };
  try {
    await transact(
      [
        { put: { ...keys.user(user.id), entity: 'user', ...user }, when: absent() },
        { put: { ...keys.handle(handle), entity: 'handle', userId: user.id }, when: absent() },
      ],
      now,
    );
    return userItem.parse({ ...user, version: 1 });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    return findUser(caller.userId);
  }
}

/** What others see of a user name: many people's is their mail address, or the number of their telephone. */
function nameFrom(username: string): string | undefined {
  const [name = ''] = username.split('@');
  return name === '' || /^\+\d+$/.test(name) ? undefined : name;
}

/** 80 of the id's bits: as unlikely to meet another as the id itself is short. */
function handleFrom(userId: string): string {
  return `guest.${userId.replaceAll('-', '').slice(-20)}`;
}
