import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { Change } from '../activity/change.ts';
import { correlated } from '../correlation.ts';
import { observed } from '../observe.ts';

/**
 * The handler of the Lambda behind the table's stream. `handle` gets the changes in their order and answers
 * how many of them are done, from the first; the stream comes again from the first that is not.
 */
export function streamHandler(
  name: string,
  handle: (changes: Change[], line: Record<string, unknown>) => Promise<number>,
): (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse> {
  return async ({ Records }) => {
    const changes = Records.map(toChange);
    const correlationId = String((changes[0]?.after ?? changes[0]?.before)?.correlationId);
    const line: Record<string, unknown> = { correlationId, records: Records.length };
    const done = await correlated({ correlationId, actorId: 'system' }, () =>
      observed(name, line, () => handle(changes, line)),
    );
    const first = Records[done]?.dynamodb?.SequenceNumber;
    return { batchItemFailures: first === undefined ? [] : [{ itemIdentifier: first }] };
  };
}

function toChange({ dynamodb }: DynamoDBRecord): Change {
  const image = (side: unknown) => (side ? unmarshall(side as Record<string, AttributeValue>) : undefined);
  return {
    before: image(dynamodb?.OldImage),
    after: image(dynamodb?.NewImage),
    at: new Date((dynamodb?.ApproximateCreationDateTime ?? 0) * 1_000),
  };
}
