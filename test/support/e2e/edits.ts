import { expect } from 'vitest';
import type * as z from 'zod';
import type { batchView } from '../../../lib/batches/view.ts';
import type { askedView, editView } from '../../../lib/edits/view.ts';
import type { ExecutionReport } from '../stack.ts';
import { itemsOf, objectsOf } from './aws.ts';
import type { Answer, Client, Person } from './person.ts';
import { stack } from './stack.ts';

export type EditView = z.infer<typeof editView>;
export type Asked = z.infer<typeof askedView>;
export type BatchView = z.infer<typeof batchView>;

export interface StepGiven {
  readonly filter: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** Asks for an edit; the answer may be a refusal. */
export function askEdit<Body = Asked>(
  person: Client,
  photoId: string,
  steps: readonly unknown[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<Body>> {
  return person.post<Body>(`/photos/${photoId}/edits`, { steps }, headers);
}

/** An edit that has been asked for and is on its way. */
export async function anEdit(person: Client, photoId: string, ...steps: StepGiven[]): Promise<EditView> {
  const { status, body } = await askEdit(person, photoId, steps);
  expect(status).toBe(202);
  return body.edit;
}

export async function editNow(person: Client, { photoId, id }: Pick<EditView, 'photoId' | 'id'>) {
  const { status, body } = await person.get<EditView>(`/photos/${photoId}/edits/${id}`);
  expect(status).toBe(200);
  return body;
}

/** The edit once nothing is under way any more; retries that wait for their time are given it. */
export async function settledEdit(person: Client, edit: Pick<EditView, 'photoId' | 'id'>): Promise<EditView> {
  const ended = ({ status }: EditView) => status === 'done' || status === 'failed';
  await stack.idle();
  let now = await editNow(person, edit);
  for (let second = 0; second < 60 && !ended(now); second++) {
    await stack.advance(1_000);
    await stack.idle();
    now = await editNow(person, edit);
  }
  return now;
}

/** The keys of everything that the bucket holds of a photo's edits. */
export async function editObjectsOf(photoId: string): Promise<string[]> {
  return (await objectsOf(photoId)).filter((key) => key.split('/').length === 4);
}

/** The photo's items besides itself, by the kind of thing they are. */
export async function entitiesOf(photoId: string): Promise<string[]> {
  return (await itemsOf(`PHOTO#${photoId}`)).map(({ entity }) => String(entity)).sort();
}

/** The executions that were started for an edit or a batch. */
export async function executionsOf(id: string): Promise<ExecutionReport[]> {
  return (await stack.executions()).filter(({ input }) => input.includes(id));
}

/** The same once none of them runs any more; pauses are given their time. */
export async function endedExecutions(id: string): Promise<ExecutionReport[]> {
  await stack.idle();
  let executions = await executionsOf(id);
  for (let round = 0; round < 60 && executions.some(({ status }) => status === 'RUNNING'); round++) {
    await stack.advance(10_000);
    await stack.idle();
    executions = await executionsOf(id);
  }
  return executions;
}

export async function batchNow(person: Person, id: string): Promise<BatchView> {
  const { status, body } = await person.get<BatchView>(`/batches/${id}`);
  expect(status).toBe(200);
  return body;
}

/** The batch once it has ended; the machine's waits are given their time. */
export async function settledBatch(person: Person, id: string): Promise<BatchView> {
  await stack.idle();
  let now = await batchNow(person, id);
  for (let round = 0; round < 400 && now.status === 'running'; round++) {
    await stack.advance(3_000);
    await stack.idle();
    now = await batchNow(person, id);
  }
  return now;
}
