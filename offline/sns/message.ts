import * as z from 'zod';
import { invalid } from './errors.ts';

/** A message attribute; `BinaryValue` is base64. */
export interface Attribute {
  readonly DataType: string;
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: string | undefined;
}

/** A message as it was published. */
export interface Notification {
  readonly messageId: string;
  readonly topicArn: string;
  readonly message: string;
  readonly subject?: string | undefined;
  /** Messages for single protocols, where `MessageStructure` is `json`. */
  readonly byProtocol?: Readonly<Record<string, string>> | undefined;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly publishedAt: number;
}

/** What Publish and the entries of PublishBatch share. */
export const published = z.object({
  Message: z.string(),
  Subject: z.string().optional(),
  MessageStructure: z.string().optional(),
  MessageAttributes: z
    .record(
      z.string(),
      z.object({
        DataType: z.string(),
        StringValue: z.string().optional(),
        BinaryValue: z.string().optional(),
      }),
    )
    .default({}),
});

export type Published = z.output<typeof published>;

/** The largest message, attributes included, and the largest batch: 256 KiB. */
export const LARGEST_MESSAGE = 256 * 1024;

/**
 * Checks a message by the rules of SNS.
 * @throws ServiceError InvalidParameter
 */
export function checkPublished(request: Published): void {
  if (request.Message === '') throw invalid('Empty message');
  if (sizeOf(request) > LARGEST_MESSAGE) throw invalid('Message too long');
  const { Subject: subject } = request;
  if (subject !== undefined && !/^[!-~][ -~]{0,99}$/.test(subject)) {
    throw invalid('Subject must be at most 100 printable ASCII characters that do not begin with a space');
  }
  for (const [name, attribute] of Object.entries(request.MessageAttributes)) checkAttribute(name, attribute);
}

/** The bytes of a message and its attributes. */
export function sizeOf({ Message, MessageAttributes }: Published): number {
  let bytes = Buffer.byteLength(Message);
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(MessageAttributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue ?? '');
    bytes += Buffer.from(BinaryValue ?? '', 'base64').length;
  }
  return bytes;
}

/** Reads `MessageStructure`: `json` makes the message a map from protocol to what that protocol is sent. */
export function messagesByProtocol(request: Published): Record<string, string> | undefined {
  if (request.MessageStructure === undefined) return undefined;
  if (request.MessageStructure !== 'json') throw invalid('MessageStructure, expected json');
  const parsed = z.object({ default: z.string() }).catchall(z.string()).safeParse(tryJson(request.Message));
  if (parsed.success) return parsed.data;
  throw invalid('Message Structure - a JSON object of texts with an entry "default" was expected');
}

function checkAttribute(name: string, { DataType, StringValue, BinaryValue }: Attribute): void {
  if (!/^[\w-]+(\.[\w-]+)*$/.test(name) || name.length > 256) {
    throw invalid(`MessageAttributes: '${name}' is not a name that SNS takes`);
  }
  const kind = DataType.startsWith('String.Array') ? 'String' : DataType.split('.', 1)[0];
  if (kind !== 'String' && kind !== 'Number' && kind !== 'Binary') {
    throw invalid(`MessageAttributes: '${name}' has the type '${DataType}'`);
  }
  if (!(kind === 'Binary' ? BinaryValue : StringValue)) {
    throw invalid(`MessageAttributes: '${name}' of type ${DataType} has no value`);
  }
  if (kind === 'Number' && !Number.isFinite(Number(StringValue))) {
    throw invalid(`MessageAttributes: '${name}' is '${StringValue}', expected a number`);
  }
}

/** The value of a JSON text; undefined where it is none. */
export function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
