import * as z from 'zod';
import { invalid } from './errors.ts';
import type { DatasetType } from './resources.ts';

/** One column of a dataset. */
export interface Column {
  readonly name: string;
  /** What a value may be; `null` among them where it may be missing. */
  readonly types: readonly ColumnType[];
  readonly categorical: boolean;
  /** Whether it is text to be read, as a description. */
  readonly textual: boolean;
}

const COLUMN_TYPES = ['string', 'int', 'long', 'float', 'double', 'boolean', 'null'] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

export type Value = string | number | boolean | null;
export type Row = Readonly<Record<string, Value>>;

const columnType = z.enum(COLUMN_TYPES);
const field = z.object({
  name: z.string().regex(/^[A-Za-z_]\w*$/),
  type: z.union([columnType, z.array(columnType).min(1)]),
  categorical: z.boolean().optional(),
  textual: z.boolean().optional(),
});
const avro = z.object({
  type: z.literal('record'),
  name: z.enum(['Interactions', 'Items', 'Users']),
  namespace: z.string(),
  fields: z.array(field).min(1),
  version: z.string(),
});

const REQUIRED: Readonly<Record<DatasetType, Readonly<Record<string, readonly ColumnType[]>>>> = {
  Interactions: { USER_ID: ['string'], ITEM_ID: ['string'], TIMESTAMP: ['long'] },
  Items: { ITEM_ID: ['string'] },
  Users: { USER_ID: ['string'] },
};

/** Columns of interactions that Personalize itself knows, which don't count as metadata. */
const RESERVED = [
  'USER_ID',
  'ITEM_ID',
  'TIMESTAMP',
  'EVENT_TYPE',
  'EVENT_VALUE',
  'IMPRESSION',
  'RECOMMENDATION_ID',
  'EVENT_ATTRIBUTION_SOURCE',
];

/** Developer Guide, "Amazon Personalize quotas": metadata columns at most, and at least. */
const METADATA: Readonly<Record<DatasetType, readonly [number, number]>> = {
  Interactions: [0, 5],
  Items: [1, 100],
  Users: [1, 25],
};

/** What a schema says. */
export interface Schema {
  readonly datasetType: DatasetType;
  readonly columns: readonly Column[];
}

/**
 * Reads a schema in Avro's JSON.
 * @throws ServiceError InvalidInputException naming what is wrong
 */
export function parseSchema(text: string): Schema {
  const parsed = avro.safeParse(parseJson(text));
  if (!parsed.success) {
    const issue = parsed.error.issues[0] as z.core.$ZodIssue;
    throw invalid(`The schema is invalid at ${issue.path.join('.') || 'its root'}: ${issue.message}.`);
  }
  const { name: datasetType, fields } = parsed.data;
  const columns = fields.map(({ name, type, categorical = false, textual = false }) => ({
    ...{ name, categorical, textual },
    types: Array.isArray(type) ? type : [type],
  }));
  const twice = columns.find(({ name }, at) => columns.findIndex((other) => other.name === name) !== at);
  if (twice) throw invalid(`The schema has the field ${twice.name} more than once.`);
  for (const [name, types] of Object.entries(REQUIRED[datasetType])) {
    const own = columns.find((column) => column.name === name);
    if (!own || own.types.join() !== types.join()) {
      throw invalid(`The schema of a ${datasetType} dataset must have the field ${name} of type ${types}.`);
    }
  }
  const known = datasetType === 'Interactions' ? RESERVED : Object.keys(REQUIRED[datasetType]);
  const metadata = columns.filter(({ name }) => !known.includes(name)).length;
  const [least, most] = METADATA[datasetType];
  if (metadata < least || metadata > most) {
    throw invalid(
      `The schema of a ${datasetType} dataset must have ${least} to ${most} metadata fields, got ${metadata}.`,
    );
  }
  return { datasetType, columns };
}

/** The value that a text of a CSV file stands for, or undefined where the column can't have it. */
export function valueIn(text: string, { types }: Column): Value | undefined {
  if (text === '' && types.includes('null')) return null;
  if (types.includes('string')) return text === '' ? undefined : text;
  if (types.includes('boolean')) return /^(true|false)$/i.test(text) ? /^t/i.test(text) : undefined;
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(number)) return undefined;
  const isWhole = !types.some((type) => type === 'float' || type === 'double');
  return isWhole && !Number.isSafeInteger(number) ? undefined : number;
}

/** Whether a value of JSON may stand in the column. */
export function fits(value: unknown, { types }: Column): value is Value {
  if (value === null) return types.includes('null');
  if (typeof value === 'string') return types.includes('string');
  if (typeof value === 'boolean') return types.includes('boolean');
  if (typeof value !== 'number') return false;
  if (types.some((type) => type === 'float' || type === 'double')) return true;
  return Number.isSafeInteger(value) && types.some((type) => type === 'int' || type === 'long');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('The schema must be JSON.');
  }
}
