import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Caller } from '../../../offline/gateway/permission/caller.ts';
import { type Applicable, evaluate } from '../../../offline/gateway/permission/evaluate.ts';
import { standing } from '../../../offline/gateway/permission/principals.ts';
import type { Statement } from '../../../offline/gateway/permission/statement.ts';
import { account, bucket, compiled, factsFrom, type GivenStatement, role } from '../../support/permission.ts';

const actions = ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject', 's3:ListBucket'];
const resources = [bucket, `${bucket}/a`, `${bucket}/b/c`, 'arn:aws:s3:::other/a'];
const services: Caller = { kind: 'service', name: 's3.amazonaws.com', sourceArn: bucket };
const callers: Caller[] = [
  role,
  { kind: 'user', arn: `arn:aws:iam::${account}:user/ana` },
  services,
  { kind: 'anonymous' },
];

const some = <Value>(...values: Value[]) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 });
const oneOf = (...members: GivenStatement[]) => fc.constantFrom(...members);

const principal = oneOf(
  { Principal: '*' },
  { Principal: { AWS: account } },
  { Principal: { AWS: `arn:aws:iam::${account}:role/writer` } },
  { Principal: { Service: 's3.amazonaws.com' } },
  { Principal: { AWS: '111111111111', Service: 'sns.amazonaws.com' } },
);
const condition = oneOf(
  {},
  { Condition: { StringLike: { 's3:prefix': 'a*' } } },
  { Condition: { StringNotEquals: { 's3:prefix': 'a' } } },
  { Condition: { Null: { 's3:prefix': 'true' } } },
  { Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['a', 'b'] } } },
);
const action = fc.oneof(
  some(...actions, 's3:*', '*', 's3:Get*', 's3:???Object').map((Action) => ({ Action })),
  some(...actions, 's3:Get*').map((NotAction) => ({ NotAction })),
);
const resource = fc.oneof(
  some(...resources, '*', `${bucket}/*`, 'arn:aws:s3:::*').map((Resource) => ({ Resource })),
  some(...resources, `${bucket}/*`).map((NotResource) => ({ NotResource })),
);
const body = fc.tuple(action, resource, condition).map((members) => Object.assign({}, ...members));
const effect = oneOf({ Effect: 'Allow' }, { Effect: 'Deny' });

const ofRole = fc.tuple(effect, body).map(([first, rest]) => compiled('identity', { ...rest, ...first }));
const ofResource = fc
  .tuple(effect, principal, body)
  .map(([first, second, rest]) => compiled('resource', { ...rest, ...first, ...second }));
const statements = (each: fc.Arbitrary<Statement[]>) =>
  fc.array(each, { maxLength: 5 }).map((list) => list.flat());

const applicable = fc.record({ identity: statements(ofRole), resource: statements(ofResource) });
const request = fc.record({
  caller: fc.constantFrom(...callers),
  action: fc.constantFrom(...actions),
  resource: fc.constantFrom(...resources),
  facts: fc
    .constantFrom({}, { 's3:prefix': 'a' }, { 's3:prefix': 'b', 'dynamodb:leadingkeys': ['a', 'c'] })
    .map((values) => factsFrom(values as never)),
});

type Request = Parameters<typeof evaluate>[1];

/** The rules again, one statement by itself: what it says of the request. */
function says(statement: Statement, asked: Request): 'Allow' | 'Deny' | undefined {
  const { caller, facts } = asked;
  const alone = { ...statement, effect: 'Allow' as const };
  const itself = statement.principals ? standing(statement.principals, caller) === 'itself' : true;
  const inAccount = statement.principals ? standing(statement.principals, caller) !== undefined : true;
  const about = evaluate({ identity: [alone], resource: [] }, { ...asked, facts }).allowed;
  if (!about || !inAccount) return undefined;
  if (statement.effect === 'Deny') return 'Deny';
  return itself ? 'Allow' : undefined;
}

test('a call is allowed exactly where some statement allows it and none denies it', () => {
  fc.assert(
    fc.property(applicable, request, (policies, asked) => {
      const said = [...policies.identity, ...policies.resource].map((statement) => says(statement, asked));
      expect(evaluate(policies, asked).allowed).toBe(said.includes('Allow') && !said.includes('Deny'));
    }),
    { numRuns: 1_000 },
  );
});

test('a denying statement always wins', () => {
  const denying = compiled('identity', { Effect: 'Deny' });
  fc.assert(
    fc.property(applicable, request, ({ identity, resource }, asked) => {
      expect(evaluate({ identity: [...identity, ...denying], resource }, asked).allowed).toBe(false);
    }),
  );
});

test('one more allowing statement never takes anything away, one more denying never gives anything', () => {
  fc.assert(
    fc.property(applicable, ofRole, request, ({ identity, resource }, [more], asked) => {
      if (!more) return;
      const before = evaluate({ identity, resource }, asked).allowed;
      const after = evaluate({ identity: [more, ...identity], resource }, asked).allowed;
      if (more.effect === 'Allow') expect(after || !before).toBe(true);
      else expect(before || !after).toBe(true);
    }),
  );
});

test('the order of statements doesn’t matter', () => {
  const shuffled = (policies: Applicable) =>
    fc.record({
      identity: fc.shuffledSubarray([...policies.identity], { minLength: policies.identity.length }),
      resource: fc.shuffledSubarray([...policies.resource], { minLength: policies.resource.length }),
    });
  const pair = applicable.chain((policies) => fc.tuple(fc.constant(policies), shuffled(policies)));
  fc.assert(
    fc.property(pair, request, ([policies, others], asked) => {
      expect(evaluate(others, asked).allowed).toBe(evaluate(policies, asked).allowed);
    }),
  );
});

test('what a role without statements may, who has no key may too', () => {
  fc.assert(
    fc.property(statements(ofResource), request, (resource, asked) => {
      const anonymous = evaluate({ identity: [], resource }, { ...asked, caller: { kind: 'anonymous' } });
      const onlyEveryone = resource.filter(({ principals }) => principals?.everyone);
      const asRole = evaluate({ identity: [], resource: onlyEveryone }, { ...asked, caller: role });
      expect(asRole.allowed).toBe(anonymous.allowed);
    }),
  );
});
