import { describe, expect, test } from 'vitest';
import { prefixesOf } from '../../../offline/firehose/prefix.ts';
import { Random } from '../../../offline/random.ts';

const at = Date.parse('2018-08-27T10:30:05.678Z');
const evaluated = (prefix?: string, errorPrefix?: string) => {
  const { delivered, failed } = prefixesOf(prefix, errorPrefix);
  const occasion = { at, random: new Random(1) };
  return [delivered(occasion), failed(occasion)];
};
const failures = 'failed/!{firehose:error-output-type}/';

describe('prefixes become what the Developer Guide says', () => {
  test.each<[string | undefined, string | undefined, string, string]>([
    [undefined, undefined, '2018/08/27/10/', 'processing-failed/2018/08/27/10/'],
    ['mine', undefined, 'mine2018/08/27/10/', 'mineprocessing-failed/2018/08/27/10/'],
    ['mine/', 'errors/', 'mine/2018/08/27/10/', 'errors/processing-failed/2018/08/27/10/'],
    [undefined, failures, '2018/08/27/10/', 'failed/processing-failed/'],
    [
      'clicks/!{timestamp:yyyy/MM/dd/HH}/',
      `${failures}!{timestamp:yyyy/MM/dd}/`,
      'clicks/2018/08/27/10/',
      'failed/processing-failed/2018/08/27/',
    ],
    [
      'a/year=!{timestamp:yyyy}/month=!{timestamp:MM}/',
      "b/!{timestamp:'year='yyyy'/month='MM'/day='dd'/hour='HH}/!{firehose:error-output-type}",
      'a/year=2018/month=08/',
      'b/year=2018/month=08/day=27/hour=10/processing-failed',
    ],
  ])('%s and %s', (prefix, errorPrefix, delivered, failed) => {
    expect(evaluated(prefix, errorPrefix)).toEqual([delivered, failed]);
  });

  test('a random string is another each time', () => {
    const [delivered = ''] = evaluated(
      '!{firehose:random-string}/!{firehose:random-string}/!{timestamp:y}',
      failures,
    );
    const [, one, other] = /^([0-9a-f-]{11})\/([0-9a-f-]{11})\/2018$/.exec(delivered) ?? [];
    expect(one).toBeDefined();
    expect(one).not.toBe(other);
  });
});

describe('prefixes are refused', () => {
  test.each<[string | undefined, string | undefined, string]>([
    [
      '!{timestamp:yyyy}/',
      undefined,
      'Prefix has expressions, so that there must be an ErrorOutputPrefix too',
    ],
    ['a', '!{timestamp:yyyy}/', 'it must contain !{firehose:error-output-type}'],
    [failures, failures, 'Prefix must not contain !{firehose:error-output-type}'],
    ['!{partitionKeyFromQuery:user}/', failures, '!{partitionKeyFromQuery:user} is not offered'],
    ['!{partitionKeyFromLambda:user}/', failures, '!{partitionKeyFromLambda:user} is not offered'],
    ['!{firehose:other}/', failures, '!{firehose:other} is not offered'],
    ['a!{b', undefined, 'Prefix: expected !{namespace:value} in "a!{b'],
    ['!{timestamp:YYYY}/', failures, '"Y" in the time pattern "YYYY" isn\'t known here'],
    ['!{timestamp:[HH]}/', failures, '"[" in the time pattern'],
    ["!{timestamp:yyyy'T}/", failures, '"\'" in the time pattern'],
  ])('%s and %s', (prefix, errorPrefix, problem) => {
    expect(() => prefixesOf(prefix, errorPrefix)).toThrow(problem);
  });

  test('beyond 512 characters, evaluated', () => {
    expect(() => evaluated('x'.repeat(503))).toThrow('expected up to 512 characters');
    expect(evaluated(`${'x'.repeat(508)}!{timestamp:yyyy}`, failures)[0]).toHaveLength(512);
  });
});
