import { createHash } from 'node:crypto';
import type { Resource, Stack } from '../contract.ts';
import { checkSteps } from './check.ts';
import { type Definition, readDefinition } from './language.ts';

type Members = Readonly<Record<string, unknown>>;

/** A state machine of the stack. */
export interface Machine {
  readonly arn: string;
  readonly name: string;
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly roleArn: string;
  readonly definition: Definition;
  /** The definition as it deploys, substitutions done. */
  readonly text: string;
  /** Another one for every other definition. */
  readonly revision: string;
  readonly tracing: boolean;
  readonly logging: Members;
}

/**
 * The stack's state machines by ARN.
 *
 * @throws Error naming the machine and the state that can't be run as AWS would
 */
export function machinesOf(stack: Stack): Map<string, Machine> {
  const functions = functionsOf(stack);
  const machines = stack.resources.filter(({ type }) => type === 'AWS::StepFunctions::StateMachine');
  return new Map(machines.map((resource) => [resource.arn, machineOf(resource, functions)]));
}

/** The ARNs of the stack's functions. */
export function functionsOf({ resources }: Stack): Set<string> {
  return new Set(resources.filter(({ type }) => type === 'AWS::Lambda::Function').map(({ arn }) => arn));
}

function machineOf(resource: Resource, functions: ReadonlySet<string>): Machine {
  const { arn, name, logicalId, properties } = resource;
  try {
    const value = definitionOf(properties);
    const definition = readDefinition(value);
    checkSteps(definition, functions);
    const type = typeOf(properties);
    const text = JSON.stringify(value);
    const revision = createHash('sha256').update(text).digest('hex').slice(0, 16);
    return {
      arn,
      name,
      type,
      roleArn: String(properties.RoleArn),
      definition,
      text,
      revision,
      ...watched(properties),
    };
  } catch (error) {
    throw new Error(`State machine ${logicalId}: ${(error as Error).message}`);
  }
}

function typeOf({ StateMachineType: type = 'STANDARD' }: Resource['properties']): Machine['type'] {
  if (type === 'STANDARD' || type === 'EXPRESS') return type;
  throw new Error(`expected STANDARD or EXPRESS for StateMachineType, received ${type}`);
}

/** How executions are traced and logged, as DescribeStateMachine tells it. */
function watched({ TracingConfiguration, LoggingConfiguration }: Resource['properties']) {
  const { Enabled = false } = (TracingConfiguration ?? {}) as { Enabled?: unknown };
  const { Level = 'OFF', IncludeExecutionData = false } = (LoggingConfiguration ?? {}) as Members;
  return {
    tracing: String(Enabled) === 'true',
    logging: { level: Level, includeExecutionData: String(IncludeExecutionData) === 'true' },
  };
}

/** CloudFormation User Guide, AWS::StepFunctions::StateMachine: `${Name}` stands for a substitution. */
function definitionOf({
  Definition: given,
  DefinitionString,
  DefinitionSubstitutions = {},
}: Resource['properties']): unknown {
  const text = given === undefined ? String(DefinitionString ?? '') : JSON.stringify(given);
  const values = DefinitionSubstitutions as Members;
  const replaced = text.replaceAll(/\$\{(\w+)\}/g, (match, name: string) =>
    Object.hasOwn(values, name) ? JSON.stringify(String(values[name])).slice(1, -1) : match,
  );
  try {
    return JSON.parse(replaced);
  } catch {
    throw new Error('expected a definition in JSON');
  }
}
