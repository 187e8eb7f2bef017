import { allIdle, type Background } from '../activity.ts';
import type { Context, Stack } from '../contract.ts';
import { Checkpoints } from './checkpoints.ts';
import { mappingsOf } from './mapping.ts';
import type { Source } from './source.ts';
import { SqsSource } from './sqs-source.ts';
import { StreamSource } from './stream-source.ts';

export interface EventSources extends Background {
  /**
   * Stops reading and waits a moment for what is under way. What is not done by then isn't acknowledged: it
   * comes again.
   */
  close(): Promise<void>;
}

/** How long batches under way may go on after `close`, in milliseconds of real time. */
const GRACE_MS = 300;

/**
 * Starts every event source mapping of the stack. The functions run through Lambda's Invoke, so an engine for
 * it must be behind the gateway.
 * @throws Error where the template declares a mapping that can't be served
 */
export function startEventSources(context: Context, stack: Stack): EventSources {
  const { queues, streams } = mappingsOf(stack);
  const closing = new AbortController();
  const checkpoints = new Checkpoints(context);
  const sources: Source[] = [
    ...queues.map((mapping) => new SqsSource(context, mapping, closing.signal)),
    ...streams.map((mapping) => new StreamSource(context, mapping, checkpoints, closing.signal)),
  ];
  const ended = Promise.all(sources.map((source) => source.activity.during(source.run())));
  return {
    get busy() {
      return sources.some(({ activity }) => activity.busy);
    },
    idle: () => allIdle(sources.map(({ activity }) => activity)),
    async close() {
      closing.abort();
      const grace = Promise.withResolvers<void>();
      const timer = setTimeout(grace.resolve, GRACE_MS);
      await Promise.race([ended, grace.promise]);
      clearTimeout(timer);
      checkpoints.close();
    },
  };
}
