import { PersonalizeEventsClient } from '@aws-sdk/client-personalize-events';
import { PersonalizeRuntimeClient } from '@aws-sdk/client-personalize-runtime';
import { tracer } from '../observe.ts';
import { quickly } from './quickly.ts';

/** How long an answer is waited for: the built-in model is there long before a second try would be. */
const ANSWER_MS = 300;

/** One attempt: what does not answer at once is done without. */
export const personalize = tracer.captureAWSv3Client(
  new PersonalizeRuntimeClient({
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: ANSWER_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
    },
  }),
);

export const personalizeEvents = tracer.captureAWSv3Client(
  new PersonalizeEventsClient(quickly({ requestTimeout: 5_000 })),
);
