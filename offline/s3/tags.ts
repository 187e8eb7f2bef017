import { ServiceError } from '../contract.ts';
import { invalidArgument, malformedXml } from './errors.ts';
import { childText, expectRoot, parseXml, type XmlMembers } from './xml.ts';

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
const mostTags = 10;
const longestName = 128;
const longestValue = 256;

/** Reads the `x-amz-tagging` header, a query string. Throws ServiceError InvalidArgument, InvalidTag, BadRequest. */
export function tagsOfHeader(header: string | undefined): Record<string, string> {
  if (header === undefined || header === '') return {};
  const pairs = header.split('&').map((pair) => {
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    return [decode(name, header), decode(value, header)] as const;
  });
  return tagsOf(pairs);
}

/** Reads a `Tagging` document. Throws ServiceError MalformedXML, InvalidTag, BadRequest. */
export function tagsOfDocument(document: Buffer): Record<string, string> {
  const root = expectRoot(parseXml(document), 'Tagging');
  const set = root.children.find(({ name }) => name === 'TagSet');
  if (!set) throw malformedXml('expected a TagSet');
  return tagsOf(
    set.children.map((tag) => {
      const name = childText(tag, 'Key');
      const value = childText(tag, 'Value');
      if (name === undefined || value === undefined) throw malformedXml('expected Key and Value in each Tag');
      return [name, value] as const;
    }),
  );
}

/** The members of a `Tagging` document. */
export function taggingMembers(tags: Readonly<Record<string, string>>): XmlMembers {
  return { TagSet: { Tag: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) } };
}

function tagsOf(pairs: readonly (readonly [string, string])[]): Record<string, string> {
  if (pairs.length > mostTags) {
    throw new ServiceError('BadRequest', `Object tags cannot be greater than ${mostTags}`);
  }
  const tags = new Map<string, string>();
  for (const [name, value] of pairs) {
    if (name === '' || name.length > longestName) throw invalidTag('The TagKey you have provided is invalid');
    if (value.length > longestValue) throw invalidTag('The TagValue you have provided is invalid');
    if (name.startsWith('aws:')) throw invalidTag('System tags cannot be added/updated by requester');
    if (tags.has(name)) throw invalidTag('Cannot provide multiple Tags with the same key');
    tags.set(name, value);
  }
  return Object.fromEntries(tags);
}

function decode(text: string, header: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw invalidArgument('The header x-amz-tagging is not URL-encoded.', 'x-amz-tagging', header);
  }
}

function invalidTag(message: string): ServiceError {
  return new ServiceError('InvalidTag', message);
}
