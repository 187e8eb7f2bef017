import { checkRule, isTimestamp } from './choice.ts';
import { parseExpression } from './intrinsics.ts';
import { type State, type Steps, targetsOf } from './language.ts';
import { parsePath } from './paths.ts';
import { checkTemplate } from './payload.ts';
import { integrationOf } from './resources.ts';

/** Amazon States Language, "States". */
const MOST_CHARACTERS = 80;

/**
 * Looks for what AWS would refuse when the machine is created, and for what would be got wrong here.
 *
 * @param functions the ARNs of the stack's functions
 * @throws Error naming the state and what is wrong with it
 */
export function checkSteps(steps: Steps, functions: ReadonlySet<string>, names = new Set<string>()): void {
  const { StartAt, States } = steps;
  if (!Object.hasOwn(States, StartAt)) throw new Error(`StartAt names ${StartAt}, which is no state`);
  for (const [name, state] of Object.entries(States)) {
    try {
      if (names.has(name)) throw new Error('there is another state of this name');
      names.add(name);
      if (name.length > MOST_CHARACTERS) throw new Error(`a name has at most ${MOST_CHARACTERS} characters`);
      checkTargets(state, States);
      checkFields(state);
      checkPaths(state);
      checkRecovery(state);
      if (state.Type === 'Task') integrationOf(state, functions);
      if (state.Type === 'Choice') for (const rule of state.Choices) checkRule(rule);
    } catch (error) {
      throw new Error(`state ${name}: ${(error as Error).message}`);
    }
    for (const inner of state.inner) checkSteps(inner, functions, names);
  }
  checkReached(steps);
}

function checkTargets(state: State, states: Steps['States']): void {
  for (const target of targetsOf(state)) {
    if (!Object.hasOwn(states, target)) throw new Error(`leads to ${target}, which is no state of its scope`);
  }
  const leads = ['Task', 'Pass', 'Wait', 'Parallel', 'Map'].includes(state.Type);
  if (!leads) return;
  const { Next, End } = state as { Next?: string; End?: boolean };
  if ((Next === undefined) === (End !== true)) throw new Error('expected either Next or End: true');
}

/** Fields of which at most one may be there, and whether one must. */
const ALTERNATIVES: readonly {
  readonly type: State['Type'];
  readonly fields: string[];
  readonly must?: true;
}[] = [
  { type: 'Task', fields: ['TimeoutSeconds', 'TimeoutSecondsPath'] },
  { type: 'Task', fields: ['HeartbeatSeconds', 'HeartbeatSecondsPath'] },
  { type: 'Wait', fields: ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'], must: true },
  { type: 'Fail', fields: ['Error', 'ErrorPath'] },
  { type: 'Fail', fields: ['Cause', 'CausePath'] },
  { type: 'Map', fields: ['ItemProcessor', 'Iterator'], must: true },
  { type: 'Map', fields: ['ItemSelector', 'Parameters'] },
];

function checkFields(state: State): void {
  for (const { type, fields, must } of ALTERNATIVES) {
    if (type !== state.Type) continue;
    const given = fields.filter((field) => (state as Record<string, unknown>)[field] !== undefined);
    if (given.length > 1) throw new Error(`${given.join(' and ')} exclude each other`);
    if (must && given.length === 0) throw new Error(`expected one of ${fields.join(', ')}`);
  }
  if (state.Type === 'Task' && state.HeartbeatSeconds !== undefined) {
    const { HeartbeatSeconds, TimeoutSeconds = Number.POSITIVE_INFINITY } = state;
    if (HeartbeatSeconds >= TimeoutSeconds) throw new Error('expected HeartbeatSeconds below TimeoutSeconds');
  }
  if (state.Type === 'Wait' && state.Timestamp !== undefined && !isTimestamp(state.Timestamp)) {
    throw new Error(`expected a time such as 2026-11-26T10:00:00Z, received ${state.Timestamp}`);
  }
}

function checkPaths(state: State): void {
  for (const [field, value] of Object.entries(state)) {
    if (typeof value !== 'string' || !field.endsWith('Path')) continue;
    if (field === 'ErrorPath' || field === 'CausePath') parseExpression(value);
    else parsePath(value.startsWith('$$') && field !== 'ResultPath' ? value.slice(1) : value);
  }
  for (const field of ['Parameters', 'ResultSelector', 'ItemSelector']) {
    checkTemplate((state as Record<string, unknown>)[field]);
  }
}

function checkRecovery(state: State): void {
  if (!('Retry' in state)) return;
  for (const list of [state.Retry, state.Catch]) {
    for (const [place, { ErrorEquals }] of list.entries()) {
      if (!ErrorEquals.includes('States.ALL')) continue;
      if (ErrorEquals.length > 1) throw new Error('States.ALL must stand alone in its ErrorEquals');
      if (place < list.length - 1) throw new Error('States.ALL must stand in the last Retry or Catch');
    }
  }
}

function checkReached({ StartAt, States }: Steps): void {
  const reached = new Set([StartAt]);
  for (const name of reached) for (const target of targetsOf(States[name] as State)) reached.add(target);
  const missed = Object.keys(States).find((name) => !reached.has(name));
  if (missed !== undefined) throw new Error(`state ${missed}: nothing leads here`);
}
