import type { StackEndpoint } from '../../offline/endpoint-file.ts';
import type { Random } from '../../offline/random.ts';
import { Actor } from './actor.ts';
import { kept } from './ledger.ts';
import type { World } from './load.ts';

/** Four people who follow each other, and one whom they follow and unfollow. */
export async function newWorld(name: string, place: StackEndpoint, random: Random): Promise<World> {
  const actors = ['ana', 'ben', 'cleo', 'dora'].map((person) => new Actor(`${person}.${name}`));
  const idol = new Actor(`idol.${name}`);
  for (const actor of [...actors, idol]) {
    await actor.enter(place);
    await actor.insist('GET', '/me');
  }
  for (const actor of actors) {
    for (const other of actors) {
      if (other !== actor) await actor.insist('PUT', `/users/${other.userId}/follow`);
    }
  }
  const following = new Map(actors.map((actor) => [actor, kept(false)]));
  return { actors, idol, random, ledger: { photos: [], following } };
}
