import type { Call, Context, Need } from '../contract.ts';
import { sourceOfHandle } from './move-tasks.ts';
import { queueArn, queueNameOf } from './names.ts';

/** The operations whose permission has another name than they: a batch needs the right to the single one. */
const ACTIONS: Readonly<Record<string, string>> = {
  SendMessageBatch: 'SendMessage',
  DeleteMessageBatch: 'DeleteMessage',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
};

/** What a redrive does to the two queues in its caller's name. */
const REDRIVE_FROM = ['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];

/** Which rights an SQS call needs. Source: "Actions, resources, and condition keys for Amazon SQS". */
export function needsOf({ operation, input }: Call, context: Context): Need[] {
  const need = (action: string, urlOrArn: unknown): Need => ({
    action: `sqs:${action}`,
    resource: queueArn(context, queueNameOf(String(urlOrArn ?? ''))),
  });
  switch (operation) {
    case 'ListQueues':
      return [{ action: 'sqs:ListQueues', resource: '*' }];
    case 'GetQueueUrl':
      return [need('GetQueueUrl', input.QueueName)];
    case 'ListMessageMoveTasks':
      return [need('ListMessageMoveTasks', input.SourceArn)];
    case 'CancelMessageMoveTask':
      return [need('CancelMessageMoveTask', sourceOfHandle(input.TaskHandle))];
    case 'StartMessageMoveTask':
      return [
        ...REDRIVE_FROM.map((action) => need(action, input.SourceArn)),
        ...(input.DestinationArn ? [need('SendMessage', input.DestinationArn)] : []),
      ];
    default:
      return [need(ACTIONS[operation] ?? operation, input.QueueUrl)];
  }
}
