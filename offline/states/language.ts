import * as z from 'zod';

const path = z.string().startsWith('$');
const nullablePath = path.nullable();
const jsonPathOnly = z.literal('JSONPath', 'JSONata is not offered: write paths').optional();
const seconds = z.number().int().min(0).max(99_999_999);

const retrier = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  IntervalSeconds: z.number().int().min(1).default(1),
  MaxAttempts: z.number().int().min(0).max(99_999_999).default(3),
  BackoffRate: z.number().min(1).default(2),
  MaxDelaySeconds: z.number().int().min(1).max(31_622_400).optional(),
  JitterStrategy: z.enum(['FULL', 'NONE']).default('NONE'),
  Comment: z.string().optional(),
});

const catcher = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  Next: z.string(),
  ResultPath: nullablePath.default('$'),
  Comment: z.string().optional(),
});

const common = { Comment: z.string().optional(), QueryLanguage: jsonPathOnly };
const input = { InputPath: nullablePath.default('$'), OutputPath: nullablePath.default('$') };
const next = { Next: z.string().optional(), End: z.boolean().optional() };
const result = { ResultPath: nullablePath.default('$'), ResultSelector: z.unknown().optional() };
const recovery = { Retry: z.array(retrier).default([]), Catch: z.array(catcher).default([]) };

const task = z.strictObject({
  Type: z.literal('Task'),
  ...{ ...common, ...input, ...next, ...result, ...recovery },
  Resource: z.string(),
  Parameters: z.unknown().optional(),
  TimeoutSeconds: seconds.min(1).optional(),
  TimeoutSecondsPath: path.optional(),
  HeartbeatSeconds: seconds.min(1).optional(),
  HeartbeatSecondsPath: path.optional(),
});

const pass = z.strictObject({
  Type: z.literal('Pass'),
  ...{ ...common, ...input, ...next },
  Result: z.unknown().optional(),
  ResultPath: nullablePath.default('$'),
  Parameters: z.unknown().optional(),
});

const rule = z.record(z.string(), z.unknown());

const choice = z.strictObject({
  Type: z.literal('Choice'),
  ...{ ...common, ...input },
  Choices: z.array(rule.and(z.looseObject({ Next: z.string() }))).min(1),
  Default: z.string().optional(),
});

const wait = z.strictObject({
  Type: z.literal('Wait'),
  ...{ ...common, ...input, ...next },
  Seconds: seconds.optional(),
  SecondsPath: path.optional(),
  Timestamp: z.string().optional(),
  TimestampPath: path.optional(),
});

const succeed = z.strictObject({ Type: z.literal('Succeed'), ...common, ...input });

const fail = z.strictObject({
  Type: z.literal('Fail'),
  ...common,
  Error: z.string().optional(),
  Cause: z.string().optional(),
  ErrorPath: z.string().optional(),
  CausePath: z.string().optional(),
});

const parallel = z.strictObject({
  Type: z.literal('Parallel'),
  ...{ ...common, ...input, ...next, ...result, ...recovery },
  Parameters: z.unknown().optional(),
  Branches: z.array(z.unknown()).min(1),
});

const map = z.strictObject({
  Type: z.literal('Map'),
  ...{ ...common, ...input, ...next, ...result, ...recovery },
  ItemsPath: path.default('$'),
  ItemSelector: z.unknown().optional(),
  Parameters: z.unknown().optional(),
  MaxConcurrency: z.number().int().min(0).default(0),
  MaxConcurrencyPath: path.optional(),
  ItemProcessor: z.unknown().optional(),
  Iterator: z.unknown().optional(),
});

const stateSchema = z.discriminatedUnion('Type', [task, pass, choice, wait, succeed, fail, parallel, map]);

const scope = {
  Comment: z.string().optional(),
  StartAt: z.string(),
  QueryLanguage: jsonPathOnly,
  States: z.record(z.string(), z.unknown()),
};

const innerSchema = z.strictObject({
  ...scope,
  ProcessorConfig: z
    .strictObject({ Mode: z.literal('INLINE', 'a distributed Map is not offered') })
    .optional(),
});

const definitionSchema = z.strictObject({
  ...scope,
  Version: z.literal('1.0').optional(),
  TimeoutSeconds: seconds.min(1).optional(),
});

/** A state; `inner` are the machines within a Parallel or Map, each a scope of its own. */
export type State = z.output<typeof stateSchema> & { readonly inner: readonly Steps[] };
export type StateOf<Type extends State['Type']> = Extract<State, { Type: Type }>;
export type Retrier = z.output<typeof retrier>;
export type Catcher = z.output<typeof catcher>;

/** One scope of states. */
export interface Steps {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

export interface Definition extends Steps {
  readonly TimeoutSeconds?: number | undefined;
}

/**
 * Reads a state machine as the Amazon States Language writes it with JSONPath. Fields that aren't offered are
 * refused by name rather than passed over: variables (`Assign`), JSONata (`Arguments`, `Output`, `Items`).
 *
 * @throws Error naming the state and what is wrong with it
 */
export function readDefinition(value: unknown): Definition {
  const { States, ...definition } = parse(definitionSchema, value, 'the machine');
  return { ...definition, States: readStates(States) };
}

function readStates(states: Readonly<Record<string, unknown>>): Record<string, State> {
  return Object.fromEntries(
    Object.entries(states).map(([name, value]) => {
      const state = parse(stateSchema, value, `state ${name}`);
      return [name, { ...state, inner: innerOf(state).map((each) => readInner(each, name)) }];
    }),
  );
}

function innerOf(state: z.output<typeof stateSchema>): unknown[] {
  if (state.Type === 'Parallel') return state.Branches;
  if (state.Type !== 'Map') return [];
  const processor = state.ItemProcessor ?? state.Iterator;
  return processor === undefined ? [] : [processor];
}

function readInner(value: unknown, name: string): Steps {
  const { StartAt, States } = parse(innerSchema, value, `the states within ${name}`);
  return { StartAt, States: readStates(States) };
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0] as z.core.$ZodIssue;
  const at = issue.path.length > 0 ? ` (at ${issue.path.join('.')})` : '';
  throw new Error(`${what}: ${issue.message}${at}`);
}

/** Where a state may lead. */
export function targetsOf(state: State): string[] {
  const caught = 'Catch' in state ? state.Catch.map(({ Next }) => Next) : [];
  if (state.Type === 'Choice') {
    return [...state.Choices.map(({ Next }) => Next), ...(state.Default ? [state.Default] : [])];
  }
  return 'Next' in state && state.Next !== undefined ? [state.Next, ...caught] : caught;
}
