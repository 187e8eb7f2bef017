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

/** What a synchronous execution costs: begun hundreds of milliseconds, and blocks of 64 MB. */
export function billing({ startedAt, stoppedAt = startedAt }: Execution): Output {
  const hundreds = Math.max(1, Math.ceil((stoppedAt - startedAt) / 100));
  return { billedDurationInMilliseconds: 100 * hundreds, billedMemoryUsedInMB: 64 };
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

/** @param createdAt milliseconds since the epoch */
export function describedMachine(machine: Machine, createdAt: number): Output {
  const { roleArn, text, tracing, logging } = machine;
  return {
    ...listedMachine(machine, createdAt),
    ...{ roleArn, definition: text, status: 'ACTIVE' },
    loggingConfiguration: logging,
    tracingConfiguration: { enabled: tracing },
  };
}

export function listedMachine({ arn, name, type }: Machine, createdAt: number): Output {
  return { stateMachineArn: arn, name, type, creationDate: createdAt / 1_000 };
}

/** An event of a history; inputs and outputs are left out where they are not asked for. */
export function toldEvent({ timestamp, ...event }: HistoryEvent, withData: boolean): Output {
  const told = Object.entries<unknown>({ ...event, timestamp: timestamp / 1_000 }).map(([name, value]) => [
    name,
    name.endsWith('EventDetails') ? toldDetails(value as Output, withData) : value,
  ]);
  return Object.fromEntries(told);
}

function toldDetails({ input, output, parameters, ...details }: Output, withData: boolean): Output {
  if (!withData) return details;
  return {
    ...details,
    ...(input !== undefined && { input, inputDetails: { truncated: false } }),
    ...(output !== undefined && { output, outputDetails: { truncated: false } }),
    ...(parameters !== undefined && { parameters }),
  };
}
