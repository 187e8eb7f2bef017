import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { Tracer } from '@aws-lambda-powertools/tracer';

export const logger = new Logger();
export const metrics = new Metrics();
export const tracer = new Tracer();

/** Counts one occurrence, in CloudWatch's embedded metric format; written out by `observed`. */
export function count(name: string, by = 1): void {
  metrics.addMetric(name, MetricUnit.Count, by);
}

/**
 * Counts by dimensions of their own, besides those that every metric has; written out at once. A combination of
 * values is a metric of its own in CloudWatch, and paid for: dimensions take few values.
 */
export function countBy(
  dimensions: Readonly<Record<string, string>>,
  counts: Readonly<Record<string, number>>,
): void {
  const own = new Metrics();
  own.addDimensions({ ...dimensions });
  for (const [name, value] of Object.entries(counts)) own.addMetric(name, MetricUnit.Count, value);
  own.publishStoredMetrics();
}

/** A duration in milliseconds, in CloudWatch's embedded metric format; written out by `observed`. */
export function duration(name: string, milliseconds: number): void {
  metrics.addMetric(name, MetricUnit.Milliseconds, milliseconds);
}

/**
 * Runs one piece of work (a request, a record, a task) in a trace segment of its own and writes exactly one
 * structured line about it, with how long it took and how it ended. The `line` may be added to on the way.
 * What the work throws is logged with the line and thrown on.
 */
export async function observed<Result>(
  name: string,
  line: Record<string, unknown>,
  work: () => Promise<Result>,
): Promise<Result> {
  const started = performance.now();
  const close = openSegment(name, line);
  try {
    const result = await work();
    logger.info(name, {
      ...line,
      outcome: line.outcome ?? 'ok',
      ms: Math.round(performance.now() - started),
    });
    return result;
  } catch (error) {
    close.addError(error);
    logger.error(name, { ...line, outcome: 'error', ms: Math.round(performance.now() - started), error });
    throw error;
  } finally {
    close.end();
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  }
}

function openSegment(name: string, line: Record<string, unknown>) {
  const parent = tracer.isTracingEnabled() ? tracer.getSegment() : undefined;
  const segment = parent?.addNewSubsegment(name);
  if (segment) tracer.setSegment(segment);
  if (typeof line.correlationId === 'string') segment?.addAnnotation('correlationId', line.correlationId);
  return {
    addError(error: unknown) {
      segment?.addError(error instanceof Error ? error : String(error));
    },
    end() {
      segment?.close();
      if (parent) tracer.setSegment(parent);
    },
  };
}
