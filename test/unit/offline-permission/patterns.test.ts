// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are written like this
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArnPattern, splitArn } from '../../../offline/gateway/permission/arn-pattern.ts';
import { Pattern } from '../../../offline/gateway/permission/pattern.ts';
import { factsFrom } from '../../support/permission.ts';

const facts = factsFrom({ 'aws:username': 'ana', 'aws:principaltype': 'User*' });

function matches(pattern: string, text: string): boolean {
  return new Pattern(pattern, { wildcards: true, variables: true }, 'test').matches(text, facts);
}

describe('a pattern', () => {
  test.each([
    ['abc', 'abc', true],
    ['abc', 'abcd', false],
    ['abc', 'ABC', false],
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['*', 'anything: at/all', true],
    ['a*', 'a', true],
    ['a*', 'ba', false],
    ['*a', 'banana', true],
    ['*a', 'bananas', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['**', 'x', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['a?c', 'abbc', false],
    ['?*', '', false],
    ['?*', 'a', true],
    ['*?', 'a', true],
    ['a.c', 'abc', false],
    ['[ab]', 'a', false],
    ['a\nb*', 'a\nb\nc', true],
    ['home/${aws:username}/*', 'home/ana/x', true],
    ['home/${aws:username}/*', 'home/ben/x', false],
    ['home/${AWS:UserName}', 'home/ana', true],
    ['${aws:principaltype}', 'Users', false],
    ['${aws:principaltype}', 'User*', true],
    ['${aws:sourceip}', '', false],
    ["${aws:sourceip, 'nowhere'}", 'nowhere', true],
    ["${aws:username, 'nobody'}", 'ana', true],
    ['${*}', '*', true],
    ['${*}', 'x', false],
    ['a${?}', 'a?', true],
    ['${$}{', '${', true],
    ['$', '$', true],
    ['${', '${', true],
  ])('%j on %j: %j', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  test('has no variables in policies that predate them', () => {
    const old = new Pattern('${aws:username}*', { wildcards: true, variables: false }, 'test');
    expect(old.matches('${aws:username}s', facts)).toBe(true);
    expect(old.matches('anas', facts)).toBe(false);
  });

  test('may ignore case, of variables too', () => {
    const options = { wildcards: true, variables: true, ignoreCase: true };
    expect(new Pattern('S3:Get*', options, 'test').matches('s3:getobject', facts)).toBe(true);
    expect(new Pattern('I-${aws:username}', options, 'test').matches('i-ANA', facts)).toBe(true);
  });

  test.each(['${}', '${a b}', "${aws:username, 'x}", '${aws:username,}'])('refuses %j', (text) => {
    expect(() => matches(text, '')).toThrow(/policy variable/);
  });

  test('means what the same regular expression means', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '/') });
    fc.assert(
      fc.property(text, text, (pattern, value) => {
        const source = pattern.replaceAll('/', '\\/').replaceAll('*', '.*').replaceAll('?', '.');
        expect(matches(pattern, value)).toBe(new RegExp(`^${source}$`, 's').test(value));
      }),
      { numRuns: 2_000 },
    );
  });

  test('takes no longer for many stars', () => {
    const started = performance.now();
    expect(matches(`${'*a'.repeat(40)}b`, 'a'.repeat(2_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('an ARN pattern', () => {
  const queue = 'arn:aws:sqs:eu-west-1:000000000000:uploads';
  const object = 'arn:aws:s3:::media/originals/a:b/c';

  test.each([
    ['*', queue, true],
    ['*', '*', true],
    [queue, queue, true],
    [queue, `${queue}2`, false],
    [`${queue}*`, `${queue}2`, true],
    ['arn:aws:sqs:*:*:uploads', queue, true],
    ['arn:aws:sqs:*:uploads', queue, false],
    ['arn:aws:sqs:eu-*-1:000000000000:up?oads', queue, true],
    ['arn:aws:sqs', queue, true],
    ['arn:aws:sqs:us-east-1', queue, false],
    ['arn:aws:s3:::media/*', object, true],
    ['arn:aws:s3:::media/originals/*/c', object, true],
    ['arn:aws:s3:::media', object, false],
    ['arn:aws:s3:::media*', object, true],
    ['arn:aws:s3:::*', object, true],
    ['arn:aws:s3:::media/${aws:username}/*', 'arn:aws:s3:::media/ana/x', true],
    ['arn:aws:s3:::media/${aws:username}/*', 'arn:aws:s3:::media/ben/x', false],
    ['arn:aws:s3:::*', '*', false],
  ])('%s on %s: %j', (pattern, arn, expected) => {
    const compiled = new ArnPattern(pattern, { variables: true, completes: true }, 'test');
    expect(compiled.matches(splitArn(arn), facts)).toBe(expected);
  });

  test.each(['', 'media', 'arn', 'arn:aws', 's3:::media', '**'])('refuses %j', (text) => {
    expect(() => new ArnPattern(text, { variables: true, completes: true }, 'test')).toThrow(
      /expected an ARN/,
    );
  });

  test('in a condition has all its parts', () => {
    const inCondition = (text: string) => new ArnPattern(text, { variables: true, completes: false }, 'test');
    expect(() => inCondition('arn:aws:sqs')).toThrow(/expected an ARN/);
    expect(() => inCondition('*')).toThrow(/expected an ARN/);
    expect(inCondition('arn:aws:s*:*:*:up*').matches(splitArn(queue), facts)).toBe(true);
  });
});
