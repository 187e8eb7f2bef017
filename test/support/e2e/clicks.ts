import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type * as z from 'zod';
import type { Intake } from '../../../lib/clicks/intake.ts';
import type { recommendationsView } from '../../../lib/serving/view.ts';
import { dynamodb, itemsOf } from './aws.ts';
import type { Answer, Client, Person } from './person.ts';
import { MINUTE_MS, stack } from './stack.ts';

export type Recommendations = z.infer<typeof recommendationsView>;

const INTERACTIONS = 'afterparty-local-interactions-table';

let events = 0;

/** One event as a client reports it, each call a new one. */
export function anEvent(type: string, photoId: string, changes: Readonly<Record<string, unknown>> = {}) {
  events += 1;
  return { eventId: `event-${events}`, type, photoId, at: new Date(NOW).toISOString(), ...changes };
}

/** The stack's clock may be ahead by days; what is older than a week is taken for a week old. */
const NOW = Date.now();

/** Reports events as a client does. */
export function report(person: Client, ...reported: readonly unknown[]): Promise<Answer<Intake>> {
  return person.post<Intake>('/events', { sessionId: 'a-session', events: reported });
}

/** Lets Firehose's minute pass, and all that follows from what it stores. */
export async function stored(): Promise<void> {
  await stack.idle();
  await stack.advance(MINUTE_MS + 1_000);
  await stack.idle();
}

/** The interactions on file of people, by their type: whose they are only the person's key can tell. */
export async function interactionsOf(photoIds: readonly string[]): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let from: Record<string, unknown> | undefined;
  do {
    const page = await dynamodb.send(
      new ScanCommand({ TableName: INTERACTIONS, ConsistentRead: true, ExclusiveStartKey: from }),
    );
    items.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from);
  return items.filter(({ photoId }) => photoIds.includes(String(photoId)));
}

/** What the table keeps of a person's taste. */
export async function tasteOf({ userId }: Person): Promise<Record<string, unknown> | undefined> {
  return (await itemsOf(`USER#${userId}`)).find(({ entity }) => entity === 'taste');
}

export async function recommended(person: Client, query = ''): Promise<Recommendations> {
  return (await person.get<Recommendations>(`/recommendations${query}`)).body;
}
