import * as z from 'zod';
import { type Arn, ArnPattern } from './arn-pattern.ts';
import { type Condition, checkVariable, compileConditions } from './conditions.ts';
import { PolicyError } from './errors.ts';
import { type Facts, Pattern } from './pattern.ts';
import { compilePrincipals, type Principals } from './principals.ts';

/** One statement of a policy, ready to be judged. */
export interface Statement {
  /** Where it stands, for people: `role PhotosRole, policy access, statement 3`. */
  readonly name: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: Clause<Pattern>;
  /** Left out in the policies that roles have about who may assume them. */
  readonly resources: Clause<ArnPattern> | undefined;
  /** Whom a resource's policy is about; left out in the policies of roles. */
  readonly principals: Principals | undefined;
  readonly holds: Condition;
}

/** `Action` or `NotAction`, `Resource` or `NotResource`. */
export interface Clause<Each> {
  readonly patterns: readonly Each[];
  /** Whether it means everything but its patterns. */
  readonly negated: boolean;
}

/** What a policy belongs to: who has it, what it protects, or a role in its trust policy. */
export type PolicyKind = 'identity' | 'resource' | 'trust';

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const listOf = <Item extends z.ZodType>(item: Item) =>
  z.preprocess((value) => [value].flat(), z.array(item).min(1));
const texts = listOf(z.string());
const principals = z.union([z.literal('*'), z.record(z.string(), texts)]);
const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: principals.optional(),
  NotPrincipal: principals.optional(),
  Action: texts.optional(),
  NotAction: texts.optional(),
  Resource: texts.optional(),
  NotResource: texts.optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.union([scalar, z.array(scalar)]))).optional(),
});
const policy = z.strictObject({
  Version: z.enum(['2008-10-17', '2012-10-17']).default('2008-10-17'),
  Id: z.string().optional(),
  Statement: listOf(statement),
});

type Given = z.output<typeof statement>;

/**
 * Reads a policy document.
 * @param where what the policy is, for error messages: `role PhotosRole, policy access`
 * @throws PolicyError for what IAM wouldn't take or the local AWS can't judge
 */
export function compilePolicy(document: unknown, kind: PolicyKind, where: string): Statement[] {
  const parsed = policy.safeParse(document);
  if (!parsed.success) throw new PolicyError(where, z.prettifyError(parsed.error));
  const { Version, Statement } = parsed.data;
  return Statement.map((given, index) =>
    compileStatement(given, kind, Version === '2012-10-17', `${where}, statement ${given.Sid ?? index + 1}`),
  );
}

function compileStatement(given: Given, kind: PolicyKind, variables: boolean, name: string): Statement {
  const options = { variables, checkVariable: (key: string) => checkVariable(key, name), completes: true };
  const actions = exclusive(given, 'Action', 'NotAction', name);
  const resources = kind === 'trust' ? undefined : exclusive(given, 'Resource', 'NotResource', name);
  if (kind === 'trust' && (given.Resource || given.NotResource)) {
    throw new PolicyError(name, 'a trust policy has no Resource');
  }
  return {
    name,
    effect: given.Effect,
    actions: { ...actions, patterns: actions.values.map((action) => actionPattern(action, name)) },
    resources: resources && {
      ...resources,
      patterns: resources.values.map((resource) => new ArnPattern(resource, options, name)),
    },
    principals: compilePrincipals(given, kind, name),
    holds: given.Condition ? compileConditions(given.Condition, variables, name) : () => true,
  };
}

function exclusive(
  given: Given,
  positive: 'Action' | 'Resource',
  negative: 'NotAction' | 'NotResource',
  where: string,
): { values: string[]; negated: boolean } {
  const values = given[positive] ?? given[negative];
  if (!values || (given[positive] && given[negative])) {
    throw new PolicyError(where, `expected either ${positive} or ${negative}`);
  }
  return { values, negated: given[positive] === undefined };
}

function actionPattern(action: string, where: string): Pattern {
  if (!/^(\*|[a-z0-9-]+:[\w*?]+)$/i.test(action)) {
    throw new PolicyError(where, `expected an action such as s3:GetObject, received "${action}"`);
  }
  return new Pattern(action, { wildcards: true, variables: false, ignoreCase: true }, where);
}

/** Whether a clause covers an action. */
export function coversAction({ patterns, negated }: Clause<Pattern>, action: string): boolean {
  return patterns.some((pattern) => pattern.matches(action, noFacts)) !== negated;
}

/** Whether a clause covers a resource. */
export function coversResource(
  { patterns, negated }: Clause<ArnPattern>,
  resource: Arn,
  facts: Facts,
): boolean {
  return patterns.some((pattern) => pattern.matches(resource, facts)) !== negated;
}

const noFacts: Facts = () => undefined;
