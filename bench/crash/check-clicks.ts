import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { recordId } from '../../lib/clicks/click.ts';
import { eventWeight } from '../../lib/recommendations/interactions.ts';
import { type Reported, reportedIn } from './ledger.ts';
import { checkLiking } from './likes.ts';
import type { StoredInteraction, StoredItem } from './stored.ts';
import type { World } from './world.ts';

/** The newest events of a person that their live profile keeps. */
const PROFILE_EVENTS = 100;

/** What was found of the table, the interactions on file and the views of photos. */
export interface Sight {
  readonly items: readonly StoredItem[];
  readonly interactions: readonly StoredInteraction[];
  /** Whether a viewer, by their name, is shown a photo as liked, and how many like it. */
  readonly shown: ReadonlyMap<
    string,
    ReadonlyMap<string, { readonly liked: boolean; readonly likes: number }>
  >;
}

/**
 * Every event that was acknowledged is on file once, as it was sent, and nothing else is; likes are what was
 * acknowledged last, everywhere; Personalize was told what is on file and says something of a liking.
 */
export async function checkClicks(world: World, sight: Sight): Promise<string[]> {
  const { actors, ledger, stack } = world;
  const photoIds = new Set(ledger.photos.map(({ id }) => id));
  const tastes = new Map(
    sight.items.filter(({ sk }) => sk === 'TASTE').map((item) => [item.pk.slice('USER#'.length), item]),
  );
  const violations: string[] = [];
  const strays = Map.groupBy(sight.interactions, ({ pk }) => pk);
  for (const actor of actors) {
    const taste = tastes.get(actor.userId);
    const person = hashOf(taste?.key ?? '', actor.userId);
    const own = strays.get(person) ?? [];
    strays.delete(person);
    const reported = reportedIn(ledger).filter(({ by }) => by === actor);
    const unanswered = new Set<string>();
    const left = new Map(own.map((interaction) => [interaction.sk, interaction]));
    for (const each of reported) {
      const id = recordId(person, each.event.eventId);
      violations.push(...checkReported(each, left.get(id)));
      left.delete(id);
      if (each.fate === 'stored') unanswered.add(id);
    }
    violations.push(...checkProfile(actor.name, taste, own, unanswered));
    violations.push(...checkFacts(actor.name, world, [...left.values()], sight));
  }
  for (const stray of [...strays.values()].flat()) {
    if (photoIds.has(stray.photoId)) violations.push(`${textOf(stray)} is on file of nobody`);
  }
  violations.push(...checkCounts(world, sight));
  const told = await toldPersonalize(stack.stateDir);
  violations.push(...checkTold(sight.interactions, told));
  return violations;
}

/** As lib/clicks/person.ts makes it. */
function hashOf(key: string, userId: string): string {
  const hash = createHmac('sha256', Buffer.from(key, 'base64url')).update(`person\n${userId}`);
  return hash.digest('base64url').slice(0, 22);
}

function textOf({ type, photoId, at }: StoredInteraction): string {
  return `the ${type} of ${photoId} at ${new Date(at).toISOString()}`;
}

function checkReported(reported: Reported, found: StoredInteraction | undefined): string[] {
  const { by, event, fate } = reported;
  const name = `event ${event.eventId} of ${by.name}, ${fate},`;
  // From now on it is known what became of it.
  if (fate === 'perhaps') reported.fate = found ? 'stored' : 'refused';
  if (!found) return fate === 'accepted' || fate === 'stored' ? [`${name} is not on file`] : [];
  if (fate === 'refused') return [`${name} is on file`];
  const { eventId: _, at, ...rest } = event;
  const wrong = Object.entries({ ...rest, at: Date.parse(at) }).filter(
    ([member, value]) => found[member as keyof StoredInteraction] !== value,
  );
  return wrong.map(([member, value]) => `${name} has another ${member} on file than ${value}`);
}

/**
 * The newest of what is on file, as far as it says anything of taste, is in the live profile. What got no answer
 * need not be.
 */
function checkProfile(
  name: string,
  taste: StoredItem | undefined,
  own: readonly StoredInteraction[],
  unanswered: ReadonlySet<string>,
): string[] {
  const telling = own.filter(({ type, value }) => type === 'unlike' || eventWeight(type, value) !== 0);
  const newest = telling.sort((a, b) => b.at - a.at).slice(0, PROFILE_EVENTS);
  const known = taste?.events ?? [];
  const ids = new Set(known.map(({ id }) => id));
  const oldest = newest.at(-1)?.at;
  const missing = newest.filter(({ sk, at }) => !ids.has(sk) && !unanswered.has(sk) && at !== oldest);
  const doubled = known.length - ids.size;
  return [
    ...missing.map((one) => `${textOf(one)} is not in the profile of ${name}`),
    ...(doubled > 0 ? [`${doubled} events are in the profile of ${name} twice`] : []),
  ];
}

/** What nobody reported came out of the table: likes and their ends, and each of somebody's own photos once. */
function checkFacts(
  name: string,
  { ledger }: World,
  facts: readonly StoredInteraction[],
  { items, shown }: Sight,
): string[] {
  const violations: string[] = [];
  const left = new Set(facts);
  const taken = (type: string, photoId: string) => {
    const found = facts.filter((fact) => fact.type === type && fact.photoId === photoId);
    for (const fact of found) left.delete(fact);
    return found;
  };
  for (const { id = '' } of ledger.photos.filter(({ owner }) => owner.name === name)) {
    const { length } = taken('upload', id);
    if (length !== 1) violations.push(`the upload of ${id} by ${name} is on file ${length} times`);
  }
  const edges = new Set(items.map(({ pk, sk }) => `${pk} ${sk}`));
  for (const liking of ledger.likings.filter(({ actor }) => actor.name === name)) {
    const { id = '' } = liking.photo;
    const found = {
      inTable: edges.has(`USER#${liking.actor.userId} LIKES#${id}`),
      shown: shown.get(name)?.get(id)?.liked,
      given: taken('like', id),
      takenBack: taken('unlike', id),
    };
    violations.push(...checkLiking(liking, found));
  }
  return [...violations, ...[...left].map((fact) => `${textOf(fact)} by ${name} never was`)];
}

/** Whoever is shown a photo is told how many like it; its likers have been compared with the ledger. */
function checkCounts({ ledger }: World, { shown }: Sight): string[] {
  return ledger.photos.flatMap(({ id = '' }) => {
    const likers = ledger.likings.filter(({ photo, liked }) => photo.id === id && liked.acknowledged);
    return [...shown].flatMap(([viewer, views]) => {
      const { likes = likers.length } = views.get(id) ?? {};
      if (likes === likers.length) return [];
      return [`photo ${id} is liked by ${likers.length} and ${viewer} is told ${likes}`];
    });
  });
}

/** One event as Personalize keeps it. */
interface Told {
  readonly eventId?: string;
  readonly user: string;
  readonly item: string;
  readonly type: string;
  readonly at: number;
}

/** Everything in the local Personalize's journal, in the order in which it was told. */
async function toldPersonalize(stateDir: string): Promise<Told[]> {
  const text = await readFile(join(stateDir, 'personalize', 'afterparty-local.jsonl'), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.flatMap((line) => (JSON.parse(line) as { interactions?: Told[] }).interactions ?? []);
}

/** What is told twice counts once where its id and everything else is the same; it may well be told twice. */
function checkTold(interactions: readonly StoredInteraction[], told: readonly Told[]): string[] {
  const positive = interactions.filter(({ type, value }) => eventWeight(type, value) > 0);
  const expected = new Map(positive.map((one) => [one.sk, `${one.pk} ${one.photoId} ${one.type} ${one.at}`]));
  const found = new Map<string, string>();
  const violations: string[] = [];
  for (const { eventId = 'without an id', user, item, type, at } of told) {
    const text = `${user} ${item} ${type} ${at}`;
    const before = found.get(eventId) ?? expected.get(eventId);
    if (before !== text) violations.push(`Personalize was told of ${eventId}: ${text}, on file is ${before}`);
    found.set(eventId, text);
  }
  for (const [id, text] of expected) {
    if (!found.has(id)) violations.push(`Personalize was never told of ${id}: ${text}`);
  }
  return violations;
}
