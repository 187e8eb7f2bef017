import { SendMessageCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { sqs } from '../aws/sqs.ts';
import { userIdSchema } from '../ids.ts';
import { followersOf } from '../people/follow.ts';
import { type ActivityEvent, activityEvent } from './event.ts';

/** Followers a message; their ids take 20 KB, and their writes a few seconds. */
const FOLLOWERS_A_MESSAGE = 500;

/** A part of a fan-out: what happened, and some of the people to tell. */
export const fanOutPage = z.object({
  event: activityEvent,
  userIds: z.array(userIdSchema).max(FOLLOWERS_A_MESSAGE),
});

/** What a queue that fans out receives: the fact itself, or a page that it sent to itself. */
export const fanOutMessage = z.union([fanOutPage, activityEvent]);

/** Splits the telling of all followers of the photo's owner into messages of 500 on the queue. */
export async function fanOut(queueUrl: string, event: ActivityEvent): Promise<void> {
  let from: string | undefined;
  do {
    const { items: userIds, next } = await followersOf(event.subject.ownerId, {
      limit: FOLLOWERS_A_MESSAGE,
      from,
    });
    if (userIds.length > 0) await sendPage(queueUrl, { event, userIds });
    from = next;
  } while (from !== undefined);
}

async function sendPage(queueUrl: string, page: z.infer<typeof fanOutPage>): Promise<void> {
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: JSON.stringify(page),
      MessageAttributes: { correlationId: { DataType: 'String', StringValue: page.event.correlationId } },
    }),
  );
}

/** Whether the fact means that followers can see a photo that they could not see before. */
export function sharesPhoto({ type, data }: ActivityEvent): boolean {
  if (data.visibility === 'private' || data.status !== 'ready' || data.inTrash === true) return false;
  if (type === 'photo.updated') return data.previousVisibility === 'private';
  return type === 'photo.ready' || type === 'photo.restored';
}
