import type { Execution, HistoryEvent } from './execution.ts';
import type { Machine } from './machines.ts';

type Output = Record<string, unknown>;

/** What DescribeExecution and StartSyncExecution answer. */
export function describedExecution(execution: Execution): Output {
  const { input, output, error, cause, traceHeader } = execution;
  return {
    ...listedExecution(execution),
    input,
    inputDetails: { included: true },
    ...(output !== undefined && { output, outputDetails: { included: true } }),
    ...{ error, cause, traceHeader },
  };
}

export function listedExecution({ arn, machine, name, status, startedAt, stoppedAt }: Execution): Output {
  return {
    executionArn: arn,
    stateMachineArn: machine.arn,
    name,
    status,
    startDate: startedAt / 1_000,
    ...(stoppedAt !== undefined && { stopDate: stoppedAt / 1_000 }),
  };
}

export function describedMachine({ arn, name, type, roleArn, text }: Machine): Output {
  return { stateMachineArn: arn, name, type, roleArn, definition: text, status: 'ACTIVE' };
}

/** An event of a history; inputs and outputs are left out where they are not asked for. */
export function toldEvent({ timestamp, ...event }: HistoryEvent, withData: boolean): Output {
  const told = { ...event, timestamp: timestamp / 1_000 };
  if (withData) return told;
  return Object.fromEntries(
    Object.entries(told).map(([name, value]) => {
      if (!name.endsWith('EventDetails')) return [name, value];
      const { input: _, output: __, parameters: ___, ...details } = value as unknown as Output;
      return [name, details];
    }),
  );
}
