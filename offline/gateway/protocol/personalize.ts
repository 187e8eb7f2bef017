import { ServiceError } from '../../contract.ts';
import { jsonProtocol } from './json.ts';
import type { Protocol } from './protocol.ts';

/** The operations of Personalize Runtime and Personalize Events, by their paths. */
const OPERATIONS: ReadonlyMap<string, string> = new Map([
  ['/recommendations', 'GetRecommendations'],
  ['/personalize-ranking', 'GetPersonalizedRanking'],
  ['/action-recommendations', 'GetActionRecommendations'],
  ['/events', 'PutEvents'],
  ['/items', 'PutItems'],
  ['/users', 'PutUsers'],
]);

/** Personalize's REST: the path names the operation, members are JSON both ways, and an empty answer has no body. */
export const personalizeProtocol: Protocol = {
  ...jsonProtocol('personalize', ''),
  async read(request, judge) {
    const call = await jsonProtocol('personalize', '').read(request, judge);
    const operation = request.method === 'POST' ? OPERATIONS.get(request.rawPath) : undefined;
    if (operation) return { ...call, operation };
    throw new ServiceError(
      'UnknownOperationException',
      `The local Personalize answers POST ${[...OPERATIONS.keys()].join(', ')}, not ${request.method} ${request.rawPath}.`,
      404,
    );
  },
  answer(answer, telling) {
    const reply = jsonProtocol('personalize', telling.operation).answer(answer, telling);
    return 'output' in answer && Object.keys(answer.output).length === 0
      ? { ...reply, body: undefined }
      : reply;
  },
};
