import { createHash } from 'node:crypto';
import * as z from 'zod';
import { invalid } from './errors.ts';

/** A message attribute; `BinaryValue` is base64, as in the JSON protocol. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: string | undefined;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

export const messageAttributes = z.record(
  z.string(),
  z.object({
    DataType: z.string(),
    StringValue: z.string().optional(),
    BinaryValue: z.string().optional(),
  }),
);

const MOST_ATTRIBUTES = 10;

/**
 * Checks names, types and values by the rules of SQS.
 * @throws ServiceError InvalidParameterValue
 */
export function checkMessageAttributes(attributes: MessageAttributes): void {
  const names = Object.keys(attributes);
  if (names.length > MOST_ATTRIBUTES) {
    throw invalid(
      `Number of message attributes [${names.length}] exceeds the allowed maximum [${MOST_ATTRIBUTES}].`,
    );
  }
  for (const name of names) {
    const attribute = attributes[name] as MessageAttribute;
    if (!/^[\w-]+(\.[\w-]+)*$/.test(name) || name.length > 256 || /^(aws|amazon)\./i.test(name)) {
      throw invalid(`The message attribute name '${name}' is not one that SQS takes.`);
    }
    const [kind] = attribute.DataType.split('.', 1);
    if (kind !== 'String' && kind !== 'Number' && kind !== 'Binary') {
      throw invalid(
        `The message attribute '${name}' has the type '${attribute.DataType}', expected String, Number or Binary.`,
      );
    }
    const value = kind === 'Binary' ? attribute.BinaryValue : attribute.StringValue;
    if (!value) throw invalid(`The message attribute '${name}' of type ${attribute.DataType} has no value.`);
    if (kind === 'Number' && !Number.isFinite(Number(value))) {
      throw invalid(`The message attribute '${name}' is '${value}', expected a number.`);
    }
  }
}

/** How many bytes of a message's size limit the attributes take: names, types and values. */
export function sizeOfAttributes(attributes: MessageAttributes = {}): number {
  let bytes = 0;
  for (const [name, attribute] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType) + bytesOf(attribute).length;
  }
  return bytes;
}

/**
 * The digest that clients compare, undefined where there are no attributes.
 * Source: "Calculating the MD5 message digest for message attributes", SQS developer guide.
 */
export function md5OfAttributes(attributes: MessageAttributes = {}): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  const part = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const attribute = attributes[name] as MessageAttribute;
    part(Buffer.from(name));
    part(Buffer.from(attribute.DataType));
    hash.update(Buffer.of(isBinary(attribute) ? 2 : 1));
    part(bytesOf(attribute));
  }
  return hash.digest('hex');
}

/** Those attributes that a ReceiveMessage asks for: `All`, `.*`, `prefix.*` or exact names. */
export function selectAttributes(
  attributes: MessageAttributes = {},
  wanted: readonly string[] = [],
): MessageAttributes {
  const asks = (name: string) =>
    wanted.some(
      (want) =>
        want === 'All' || want === name || (want.endsWith('.*') && name.startsWith(want.slice(0, -2))),
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => asks(name)));
}

function isBinary(attribute: MessageAttribute): boolean {
  return attribute.DataType.startsWith('Binary');
}

function bytesOf(attribute: MessageAttribute): Buffer {
  return isBinary(attribute)
    ? Buffer.from(attribute.BinaryValue ?? '', 'base64')
    : Buffer.from(attribute.StringValue ?? '');
}
