import type { Execution } from './execution.ts';
import type { MapItem } from './history.ts';

/** What `$$` names. Source: Step Functions Developer Guide, "Accessing execution data from the Context object". */
export function contextObject(
  { arn, name, input, startedAt, machine }: Execution,
  state: { readonly name: string; readonly enteredAt: number; readonly retries: number },
  item: MapItem | undefined,
): Record<string, unknown> {
  return {
    Execution: {
      Id: arn,
      Input: JSON.parse(input),
      Name: name,
      RoleArn: machine.roleArn,
      StartTime: new Date(startedAt).toISOString(),
    },
    StateMachine: { Id: machine.arn, Name: machine.name },
    State: {
      Name: state.name,
      EnteredTime: new Date(state.enteredAt).toISOString(),
      RetryCount: state.retries,
    },
    ...(item && { Map: { Item: item } }),
  };
}
