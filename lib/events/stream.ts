import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { Change } from '../activity/change.ts';
import { correlated } from '../correlation.ts';
import { observed } from '../observe.ts';

/**
 * The handler of the Lambda behind the table's stream. `handle` gets the changes in their order and answers
 * how many of them are done, from the first; the stream comes again from the first that is not. Where not even
 * one is done the handler fails instead: Lambda then halves the batch until the record at fault is alone, but a
 * failure reported at the first record would take everything behind it along when it is given up.
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
      observed(name, line, async () => {
        const count = await handle(changes, line);
        if (count === 0 && changes.length > 0) throw new Error(`${name} has done none of ${changes.length}`);
        return count;
      }),
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
