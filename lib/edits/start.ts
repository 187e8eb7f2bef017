import { ExecutionAlreadyExists, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { ActivityEvent } from '../activity/event.ts';
import { states } from '../aws/states.ts';
import { env } from '../env.ts';

/**
 * Starts the state machine that an announced request is for: an edit's, which may be started twice and lets one
 * execution do the work, or a batch's, which Step Functions starts once by its name.
 */
export async function startRequested({ type, subject, correlationId, data }: ActivityEvent): Promise<void> {
  if (type === 'edit.requested') {
    const input = { photoId: data.photoId, editId: subject.id, correlationId };
    await start(env.FILTER_PHOTO_ARN, input);
  }
  if (type === 'batch.requested') {
    const pages = Array.from({ length: Number(data.pages) }, (_, page) => page);
    await start(env.FILTER_BATCH_ARN, { batchId: subject.id, correlationId, pages }, subject.id);
  }
}

async function start(stateMachineArn: string, input: object, name?: string): Promise<void> {
  try {
    await states.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input), name }));
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
  }
}
