/**
 * The label of every table's stream. On AWS it is the moment the stream was enabled; here it is fixed, so
 * that the attribute `StreamArn` is known before the engine starts and stays the same after a restart.
 */
export const streamLabel = '2026-01-01T00:00:00.000';

/** The ARN of a table's stream: `<tableArn>/stream/<label>`. */
export function streamArnOf(tableArn: string): string {
  return `${tableArn}/stream/${streamLabel}`;
}
