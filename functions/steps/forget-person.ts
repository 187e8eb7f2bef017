import * as z from 'zod';
import { forgetPerson } from '../../lib/clicks/forget.ts';
import { stepHandler } from '../../lib/events/step.ts';
import { userIdSchema } from '../../lib/ids.ts';

const input = z.object({ userId: userIdSchema, correlationId: z.string() });

/** Destroys what recommendations know of a person: for the deletion of accounts, and for operators. */
export const handler = stepHandler('forget-person', input, ({ userId }) => forgetPerson(userId));
