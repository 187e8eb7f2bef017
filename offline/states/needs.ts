import type { Call, Need } from '../contract.ts';

/** Service Authorization Reference, "Actions defined by AWS Step Functions": what each is judged on. */
export function needsOf({ operation, input }: Call): Need[] {
  const resource = input.executionArn ?? input.stateMachineArn ?? '*';
  return [{ action: `states:${operation}`, resource: String(resource) }];
}
