import { expect, test } from 'vitest';
import { parseForm } from '../../../offline/gateway/protocol/query.ts';
import { escapeXml, membersToXml } from '../../../offline/gateway/protocol/xml.ts';

test('lists keep their order beyond nine, maps take either spelling', () => {
  const list = Array.from({ length: 12 }, (_, at) => `Names.member.${at + 1}=n${at + 1}`).reverse();
  const form = [
    ...list,
    'Attributes.entry.1.key=Policy',
    'Attributes.entry.1.value=%7B%7D',
    'MessageAttributes.entry.1.Name=type',
    'MessageAttributes.entry.1.Value.DataType=String',
    'MessageAttributes.entry.1.Value.StringValue=a+b',
    'Entries.member.1.Attributes.entry.1.key=a',
    'Entries.member.1.Attributes.entry.1.value=b',
    'Message=',
  ].join('&');
  expect(parseForm(form)).toEqual({
    Names: Array.from({ length: 12 }, (_, at) => `n${at + 1}`),
    Attributes: { Policy: '{}' },
    MessageAttributes: { type: { DataType: 'String', StringValue: 'a b' } },
    Entries: [{ Attributes: { a: 'b' } }],
    Message: '',
  });
});

test('a form that names a member twice in different ways is refused', () => {
  expect(() => parseForm('Tags=a&Tags.member.1=b')).toThrow('given both as a value and as a group');
  expect(() => parseForm('Tags.member.1=b&Tags=a')).toThrow('given both as a value and as a group');
});

test('a form cannot reach what objects inherit', () => {
  expect(parseForm('__proto__.polluted=1&constructor.a=1')).toEqual(
    Object.fromEntries([
      ['__proto__', { polluted: '1' }],
      ['constructor', { a: '1' }],
    ]),
  );
  expect({}).not.toHaveProperty('polluted');
});

test('members become XML: lists, maps, nesting, nothing for what is undefined', () => {
  const xml = membersToXml(
    {
      Topics: [{ TopicArn: 'a' }, { TopicArn: 'b' }],
      Attributes: { Policy: '<>' },
      None: undefined,
      Ok: true,
    },
    new Set(['Attributes']),
  );
  expect(xml).toBe(
    '<Topics><member><TopicArn>a</TopicArn></member><member><TopicArn>b</TopicArn></member></Topics>' +
      '<Attributes><entry><key>Policy</key><value>&lt;&gt;</value></entry></Attributes><Ok>true</Ok>',
  );
});

test('text that XML cannot hold is replaced, the rest escaped', () => {
  expect(escapeXml('a&b<c>"d"\r\n\u0000\u001f\ufffe😀')).toBe('a&amp;b&lt;c&gt;&quot;d&quot;&#xD;\n���😀');
});
