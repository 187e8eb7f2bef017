import { GetRecommendationsCommand } from '@aws-sdk/client-personalize-runtime';
import { CircuitBreaker } from '../aws/breaker.ts';
import { personalize } from '../aws/personalize.ts';
import { env } from '../env.ts';
import { count, duration, logger } from '../observe.ts';

/** The whole of a call, with connecting and reading. */
const ANSWER_MS = 300;

/** What Personalize answered: photo ids, the best first, and the id of its answer. */
export interface PersonalizeAnswer {
  readonly photoIds: readonly string[];
  readonly id: string;
  /** Those that it took from what is popular. */
  readonly popular: ReadonlySet<string>;
}

const breaker = new CircuitBreaker();

/**
 * What Personalize recommends to a person, known to it by their hash; undefined where the stage goes without it, and
 * where it does not answer well within 300 ms: one attempt, and none while the circuit breaker is open.
 */
export async function askPersonalize(person: string, count: number): Promise<PersonalizeAnswer | undefined> {
  const { PERSONALIZE_CAMPAIGN_ARN: campaignArn, PERSONALIZE_FILTER_ARN: filterArn } = env;
  if (campaignArn === '') return undefined;
  return ask(async (abortSignal) => {
    const command = new GetRecommendationsCommand({
      campaignArn,
      filterArn,
      userId: person,
      numResults: count,
    });
    const { itemList = [], recommendationId = '' } = await personalize.send(command, { abortSignal });
    return {
      photoIds: itemList.flatMap(({ itemId }) => itemId ?? []),
      id: recommendationId,
      popular: new Set(
        itemList.flatMap(({ itemId, reason }) => (reason?.length && itemId !== undefined ? [itemId] : [])),
      ),
    };
  });
}

async function ask<Result>(call: (signal: AbortSignal) => Promise<Result>): Promise<Result | undefined> {
  if (breaker.isOpen) {
    count('PersonalizeSkipped');
    return undefined;
  }
  const started = performance.now();
  try {
    return await breaker.run(() => call(AbortSignal.timeout(ANSWER_MS)));
  } catch (error) {
    count('PersonalizeFailed');
    logger.warn('personalize-failed', { error });
    return undefined;
  } finally {
    duration('PersonalizeDuration', performance.now() - started);
  }
}
