// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are written like this
import { describe, expect, test } from 'vitest';
import { type Asked, decide } from '../../support/permission.ts';

type Row = [
  operator: string,
  key: string,
  asked: unknown,
  given: string | string[] | undefined,
  holds: boolean,
];

/** Whether a statement with this condition has its say. */
function holds(
  [operator, key, asked, given]: Row | [string, string, unknown, Row[3]],
  more: Asked['facts'] = {},
) {
  const facts = { ...more, ...(given !== undefined && { [key.toLowerCase()]: given }) };
  return decide({ identity: [{ Condition: { [operator]: { [key]: asked } } }] }, { facts }).allowed;
}

const prefix = 's3:prefix';
const source = 'aws:SourceArn';
const keys = 'dynamodb:LeadingKeys';
const media = 'arn:aws:s3:::media';

describe('a condition', () => {
  test.each<Row>([
    ['StringEquals', prefix, 'a/', 'a/', true],
    ['StringEquals', prefix, 'a/', 'A/', false],
    ['StringEquals', prefix, 'a*', 'ab', false],
    ['StringEquals', prefix, 'a*', 'a*', true],
    ['StringEquals', prefix, ['a/', 'b/'], 'b/', true],
    ['StringEquals', prefix, ['a/', 'b/'], 'c/', false],
    ['StringEquals', prefix, '', '', true],
    ['StringEquals', prefix, 'a/', undefined, false],
    ['StringEquals', 'S3:Prefix', 'a/', 'a/', true],
    ['StringNotEquals', prefix, 'a/', 'b/', true],
    ['StringNotEquals', prefix, ['a/', 'b/'], 'b/', false],
    ['StringNotEquals', prefix, ['a/', 'b/'], 'c/', true],
    ['StringNotEquals', prefix, 'a/', undefined, true],
    ['StringEqualsIgnoreCase', prefix, 'A/', 'a/', true],
    ['StringNotEqualsIgnoreCase', prefix, 'A/', 'a/', false],
    ['StringLike', prefix, 'originals/*', 'originals/x/', true],
    ['StringLike', prefix, 'originals/*', 'Originals/x/', false],
    ['StringLike', prefix, ['a/*', 'b/?'], 'b/1', true],
    ['StringLike', prefix, 'a/*', undefined, false],
    ['StringNotLike', prefix, 'a/*', 'b/', true],
    ['StringNotLike', prefix, ['a/*', 'b/*'], 'b/1', false],
    ['StringNotLike', prefix, 'a/*', undefined, true],

    ['ArnEquals', source, media, media, true],
    ['ArnEquals', source, media, `${media}2`, false],
    ['ArnEquals', source, 'arn:aws:s3:::med*', media, true],
    ['ArnEquals', source, media, undefined, false],
    [
      'ArnLike',
      source,
      'arn:aws:execute-api:*:*:api/*/GET/*',
      'arn:aws:execute-api:eu-west-1:0:api/$default/GET/photos',
      true,
    ],
    ['ArnNotEquals', source, media, `${media}2`, true],
    ['ArnNotLike', source, 'arn:aws:s3:::*', media, false],
    ['ArnNotLike', source, 'arn:aws:s3:::*', undefined, true],

    ['NumericEquals', 's3:max-keys', 10, '10', true],
    ['NumericEquals', 's3:max-keys', '10', '10.0', true],
    ['NumericNotEquals', 's3:max-keys', '10', '11', true],
    ['NumericNotEquals', 's3:max-keys', '10', undefined, true],
    ['NumericLessThan', 's3:max-keys', '10', '10', false],
    ['NumericLessThan', 's3:max-keys', '10', '9', true],
    ['NumericLessThanEquals', 's3:max-keys', '10', '10', true],
    ['NumericGreaterThan', 's3:max-keys', '10', '10', false],
    ['NumericGreaterThan', 's3:max-keys', '10', '11', true],
    ['NumericGreaterThanEquals', 's3:max-keys', ['20', '10'], '10', true],
    ['NumericLessThan', 's3:max-keys', '10', 'many', false],
    ['NumericLessThan', 's3:max-keys', '10', undefined, false],

    ['DateEquals', 'aws:CurrentTime', '2026-11-22T00:00:00Z', '2026-11-22T00:00:00.000Z', true],
    ['DateNotEquals', 'aws:CurrentTime', '2026-11-22T00:00:00Z', '2026-11-22T00:00:01Z', true],
    ['DateLessThan', 'aws:CurrentTime', '2026-11-22T00:00:00Z', '2026-11-21T23:59:59Z', true],
    ['DateLessThan', 'aws:CurrentTime', '2026-11-22', '2026-11-22T00:00:00Z', false],
    ['DateLessThanEquals', 'aws:CurrentTime', '2026-11-22', '2026-11-22T00:00:00Z', true],
    ['DateGreaterThan', 'aws:CurrentTime', '2026-11-22T01:00:00+01:00', '2026-11-22T00:00:01Z', true],
    ['DateGreaterThanEquals', 'aws:EpochTime', '1795305600', '1795305600', true],
    ['DateGreaterThan', 'aws:CurrentTime', '2026-11-22', undefined, false],

    ['Bool', 'aws:SecureTransport', 'false', 'true', false],
    ['Bool', 'aws:SecureTransport', 'true', 'true', true],
    ['Bool', 'aws:SecureTransport', true, 'true', true],
    ['Bool', 'aws:SecureTransport', 'True', 'true', true],
    ['Bool', 'aws:SecureTransport', 'false', undefined, false],
    ['BoolIfExists', 'aws:SecureTransport', 'false', undefined, true],

    ['BinaryEquals', prefix, 'YQ==', 'YQ==', true],
    ['BinaryEquals', prefix, 'YQ==', 'YQ', true],
    ['BinaryEquals', prefix, 'YQ==', 'Yg==', false],

    ['IpAddress', 'aws:SourceIp', '127.0.0.0/8', '127.0.0.1', true],
    ['IpAddress', 'aws:SourceIp', ['10.0.0.0/8', '127.0.0.1'], '127.0.0.1', true],
    ['IpAddress', 'aws:SourceIp', '10.0.0.0/8', '127.0.0.1', false],
    ['IpAddress', 'aws:SourceIp', '2001:db8::/32', '2001:db8::7', true],
    ['IpAddress', 'aws:SourceIp', '2001:db8::/32', '127.0.0.1', false],
    ['IpAddress', 'aws:SourceIp', '127.0.0.1', undefined, false],
    ['NotIpAddress', 'aws:SourceIp', '10.0.0.0/8', '127.0.0.1', true],
    ['NotIpAddress', 'aws:SourceIp', '127.0.0.0/8', '127.0.0.1', false],
    ['NotIpAddress', 'aws:SourceIp', '10.0.0.0/8', undefined, true],

    ['Null', prefix, 'true', undefined, true],
    ['Null', prefix, 'true', '', false],
    ['Null', prefix, 'false', 'x', true],
    ['Null', prefix, false, undefined, false],
    ['Null', keys, 'false', ['a'], true],

    ['StringEqualsIfExists', prefix, 'a/', undefined, true],
    ['StringEqualsIfExists', prefix, 'a/', 'a/', true],
    ['StringEqualsIfExists', prefix, 'a/', 'b/', false],
    ['StringNotEqualsIfExists', prefix, 'a/', 'a/', false],
    ['ArnLikeIfExists', source, 'arn:aws:s3:::*', undefined, true],

    ['ForAllValues:StringEquals', keys, ['a', 'b'], ['a', 'b', 'a'], true],
    ['ForAllValues:StringEquals', keys, ['a', 'b'], ['a', 'c'], false],
    ['ForAllValues:StringEquals', keys, ['a'], undefined, true],
    ['ForAllValues:StringEquals', keys, ['a'], [], true],
    ['ForAllValues:StringLike', keys, 'USER#*', ['USER#1', 'USER#2'], true],
    ['ForAllValues:StringLike', keys, 'USER#*', ['USER#1', 'PHOTO#2'], false],
    ['ForAllValues:StringNotEquals', keys, ['a', 'b'], ['c', 'd'], true],
    ['ForAllValues:StringNotEquals', keys, ['a', 'b'], ['c', 'a'], false],
    ['ForAllValues:StringNotEquals', keys, ['a'], undefined, true],
    ['ForAnyValue:StringEquals', keys, ['a', 'b'], ['c', 'a'], true],
    ['ForAnyValue:StringEquals', keys, ['a', 'b'], ['c'], false],
    ['ForAnyValue:StringEquals', keys, ['a'], undefined, false],
    ['ForAnyValue:StringNotEquals', keys, ['a', 'b'], ['a', 'c'], true],
    ['ForAnyValue:StringNotEquals', keys, ['a', 'b'], ['a', 'b'], false],
    ['ForAnyValue:StringNotEquals', keys, ['a'], undefined, false],
    ['ForAnyValue:StringEqualsIfExists', keys, ['a'], undefined, true],
    ['ForAllValues:StringEqualsIfExists', keys, ['a'], ['b'], false],
    ['ForAllValues:StringEquals', prefix, 'a/', 'a/', true],
  ])('%s %s %j of %j: %j', (...row) => {
    expect(holds(row)).toBe(row[4]);
  });
});

test('every operator and every key of a condition must hold', () => {
  const Condition = {
    StringLike: { [prefix]: 'a/*', 's3:delimiter': '/' },
    Bool: { 'aws:SecureTransport': true },
  };
  const allowed = (facts: Record<string, string>) => decide({ identity: [{ Condition }] }, { facts }).allowed;
  const all = { 's3:prefix': 'a/b', 's3:delimiter': '/', 'aws:securetransport': 'true' };
  expect(allowed(all)).toBe(true);
  for (const key of Object.keys(all)) expect(allowed({ ...all, [key]: 'else' })).toBe(false);
});

test('a condition may compare with what the request says elsewhere', () => {
  const own = (given: string) =>
    holds(['StringLike', prefix, 'home/${aws:username}/*', given], { 'aws:username': 'ana' });
  expect(own('home/ana/x')).toBe(true);
  expect(own('home/ben/x')).toBe(false);
  expect(holds(['StringLike', prefix, 'home/${aws:username}/*', 'home/ana/x'])).toBe(false);
  const notOwn: [string, string, unknown, string] = ['StringNotEquals', prefix, '${aws:username}', 'ana'];
  expect(holds(notOwn, { 'aws:username': 'ana' })).toBe(false);
});

describe('what nobody can judge is an error, not a silent yes:', () => {
  test.each<[string, unknown, RegExp]>([
    ['an unknown operator', { StringsEqual: { [prefix]: 'a' } }, /the operator StringsEqual is not known/],
    ['an operator in other letters', { stringEquals: { [prefix]: 'a' } }, /stringEquals is not known/],
    ['an unknown quantifier', { 'ForSomeValues:StringEquals': { [prefix]: 'a' } }, /ForSomeValues/],
    ['Null with IfExists', { NullIfExists: { [prefix]: 'true' } }, /NullIfExists is not known/],
    ['Null with a quantifier', { 'ForAllValues:Null': { [keys]: 'true' } }, /ForAllValues:Null is not known/],
    ['an unknown key', { StringEquals: { 's3:prefixes': 'a' } }, /s3:prefixes is not offered/],
    [
      'a key that requests here never have',
      { StringEquals: { 'aws:SourceVpc': 'v' } },
      /aws:sourcevpc is not offered/,
    ],
    [
      'a set compared as one value',
      { StringEquals: { [keys]: 'a' } },
      /expected ForAllValues or ForAnyValue/,
    ],
    ['a set as a variable', { StringEquals: { [prefix]: '${dynamodb:LeadingKeys}' } }, /has many values/],
    ['an unknown variable', { StringEquals: { [prefix]: '${aws:nickname}' } }, /aws:nickname is not offered/],
    ['no values', { StringEquals: { [prefix]: [] } }, /at least one value/],
    ['what is no number', { NumericEquals: { 's3:max-keys': 'ten' } }, /expected a number, received "ten"/],
    ['an empty number', { NumericEquals: { 's3:max-keys': '' } }, /expected a number/],
    ['what is no date', { DateLessThan: { 'aws:CurrentTime': 'soon' } }, /expected a date/],
    ['what is neither true nor false', { Bool: { 'aws:SecureTransport': 'yes' } }, /expected true or false/],
    ['Null with another value', { Null: { [prefix]: 'maybe' } }, /expected true or false/],
    ['what is no address', { IpAddress: { 'aws:SourceIp': 'localhost' } }, /expected an address/],
    ['a range that is too narrow', { IpAddress: { 'aws:SourceIp': '10.0.0.0/33' } }, /expected an address/],
    ['what is no ARN', { ArnLike: { [source]: 'media' } }, /expected an ARN/],
    ['what is no base64', { BinaryEquals: { [prefix]: 'ä' } }, /expected base64/],
    ['a nested value', { StringEquals: { [prefix]: { a: 1 } } }, /Invalid input/],
  ])('%s', (_title, Condition, problem) => {
    expect(() => decide({ identity: [{ Condition }] })).toThrow(problem);
  });
});
