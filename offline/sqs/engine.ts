import {
  type Answer,
  type Call,
  type Context,
  type Engine,
  type Need,
  ServiceError,
  type Stack,
} from '../contract.ts';
import { changeVisibility, changeVisibilityBatch, deleteMessage, deleteMessageBatch } from './acknowledge.ts';
import { attributesOf, listed, purge, queueUrlOf, setAttributes } from './manage.ts';
import { MoveTasks } from './move-tasks.ts';
import { needsOf } from './needs.ts';
import { Receiver } from './receive.ts';
import { type Sending, send, sendBatch } from './send.ts';
import { QueueStore } from './store.ts';

/**
 * SQS: the `AWS::SQS::Queue`s of the stack, their messages in a journal, all waiting on the one clock.
 * Operations speak the JSON protocol's members; blobs are base64.
 * @throws Error where a queue's properties can't be kept
 */
export function createSqsEngine(context: Context, stack: Stack): Engine {
  return new SqsEngine(context, stack);
}

type Operation = (call: Call) => Record<string, unknown> | Promise<Record<string, unknown>>;

class SqsEngine implements Engine {
  readonly service = 'sqs';
  readonly #context: Context;
  readonly #store: QueueStore;
  readonly #receiver: Receiver;
  readonly #tasks: MoveTasks;
  readonly #operations: ReadonlyMap<string, Operation>;

  constructor(context: Context, stack: Stack) {
    this.#context = context;
    this.#store = new QueueStore(context, stack);
    this.#receiver = new Receiver(context, this.#store);
    this.#tasks = new MoveTasks(context, this.#store, (queue) => this.#receiver.wake(queue));
    this.#operations = this.#table();
    this.#tasks.resume();
  }

  needs(call: Call): Need[] {
    return needsOf(call, this.#context);
  }

  async handle(call: Call): Promise<Answer> {
    const operation = this.#operations.get(call.operation);
    if (!operation) {
      throw new ServiceError(
        'UnknownOperationException',
        `The local SQS has no ${call.operation}; it has ${[...this.#operations.keys()].join(', ')}.`,
      );
    }
    return { output: await operation(call) };
  }

  async close(): Promise<void> {
    this.#tasks.close();
    this.#receiver.close();
    this.#store.close();
  }

  #table(): Map<string, Operation> {
    const context = this.#context;
    const store = this.#store;
    const receiver = this.#receiver;
    const tasks = this.#tasks;
    const sending: Sending = { context, store, wake: (queue) => receiver.wake(queue) };
    return new Map<string, Operation>([
      ['SendMessage', (call) => send(call, sending)],
      ['SendMessageBatch', (call) => sendBatch(call, sending)],
      ['ReceiveMessage', (call) => receiver.receive(call.input, call.signal, call.weakness)],
      ['DeleteMessage', (call) => deleteMessage(call.input, store)],
      ['DeleteMessageBatch', (call) => deleteMessageBatch(call.input, store)],
      [
        'ChangeMessageVisibility',
        (call) => {
          receiver.wake(changeVisibility(call.input, store, context.clock));
          return {};
        },
      ],
      [
        'ChangeMessageVisibilityBatch',
        (call) => {
          const { queue, answer } = changeVisibilityBatch(call.input, store, context.clock);
          receiver.wake(queue);
          return answer;
        },
      ],
      ['GetQueueUrl', (call) => queueUrlOf(call.input, store, context)],
      ['GetQueueAttributes', (call) => attributesOf(call.input, store, context)],
      [
        'SetQueueAttributes',
        (call) => {
          receiver.wake(setAttributes(call.input, store, context.clock.now()));
          return {};
        },
      ],
      ['ListQueues', (call) => listed(call.input, store, context)],
      ['PurgeQueue', (call) => purge(call.input, store)],
      ['StartMessageMoveTask', (call) => tasks.start(call.input)],
      ['ListMessageMoveTasks', (call) => tasks.list(call.input)],
      ['CancelMessageMoveTask', (call) => tasks.cancel(call.input)],
    ]);
  }
}
