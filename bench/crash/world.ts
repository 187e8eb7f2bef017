import type { Random } from '../../offline/random.ts';
import type { ReachedStack } from '../../test/support/stack.ts';
import { Actor } from './actor.ts';
import { kept, type Ledger } from './ledger.ts';

/** Who does something, where, and what is known of it. */
export interface World {
  readonly actors: readonly Actor[];
  readonly idol: Actor;
  readonly ledger: Ledger;
  readonly random: Random;
  /** The stack as it runs now, with its controls and its AWS. */
  stack: ReachedStack;
}

/** Four people who follow each other, and one whom they follow and unfollow. */
export async function newWorld(name: string, stack: ReachedStack, random: Random): Promise<World> {
  const actors = ['ana', 'ben', 'cleo', 'dora'].map((person) => new Actor(`${person}.${name}`));
  const idol = new Actor(`idol.${name}`);
  for (const actor of [...actors, idol]) {
    await actor.enter(stack.place);
    await actor.insist('GET', '/me');
  }
  for (const actor of actors) {
    for (const other of actors) {
      if (other !== actor) await actor.insist('PUT', `/users/${other.userId}/follow`);
    }
  }
  const following = new Map(actors.map((actor) => [actor, kept(false)]));
  const ledger = { photos: [], following, likings: [], lots: [] };
  return { actors, idol, random, ledger, stack };
}

/** Signs everybody in: at a stack that has just started, or after an hour. */
export async function enterAll({ actors, idol, stack }: World): Promise<void> {
  for (const actor of [...actors, idol]) await actor.enter(stack.place);
}
