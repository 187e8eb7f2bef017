import { hash } from 'node:crypto';
import dynalite from 'dynalite/db/index.js';
import { invalid, invalidValue } from './errors.ts';
import { type AttributeValue, type Item, typeOf } from './values.ts';

export interface KeyAttribute {
  readonly name: string;
  readonly type: 'S' | 'N' | 'B';
}

/** The key of a table or of an index. */
export interface KeySchema {
  readonly partition: KeyAttribute;
  readonly sort?: KeyAttribute;
}

/** Sorts after every continuation of a key: encoded keys have no character above 0xff but this one. */
export const end = '\uffff';

export function attributesOf(schema: KeySchema): KeyAttribute[] {
  return schema.sort ? [schema.partition, schema.sort] : [schema.partition];
}

/** The key attributes of an item, as answers and stream records carry them. */
export function keyOf(item: Item, schema: KeySchema): Item {
  return Object.fromEntries(attributesOf(schema).map(({ name }) => [name, item[name] as AttributeValue]));
}

/** Whether the item holds every attribute of the key, each in its type: only then an index has a row for it. */
export function hasKey(item: Item, schema: KeySchema): boolean {
  return attributesOf(schema).every(({ name, type }) => item[name]?.[type] !== undefined);
}

/**
 * Where an item stands in the order of a table or index: partitions by hash, as AWS scans them, and inside a
 * partition by sort key.
 */
export function rowKey(item: Item, schema: KeySchema): string {
  const partition = partitionKey(item[schema.partition.name] as AttributeValue);
  return schema.sort ? partition + encode(item[schema.sort.name] as AttributeValue) : partition;
}

/** What every row of one partition begins with: eight hexadecimal digits of hash, then the value. */
export function partitionKey(value: AttributeValue): string {
  const encoded = encode(value);
  return hash('md5', encoded, 'hex').slice(0, 8) + encoded;
}

/** A key value as a string in the value's order, closed so that no value is the beginning of another. */
export function encode(value: AttributeValue): string {
  return `${encodeOpen(value)}\0\0`;
}

/** As `encode`, without the closing: what all strings or binaries with this beginning begin with. */
export function encodeOpen(value: AttributeValue): string {
  if (value.N !== undefined) return dynalite.toLexiStr(value.N, 'N');
  const bytes = value.S === undefined ? Buffer.from(value.B ?? '', 'base64') : Buffer.from(value.S);
  return bytes.toString('latin1').replaceAll('\0', '\0\xff');
}

/** Refuses a key that isn't exactly the schema's attributes, or has an empty or oversized one. */
export function checkKey(key: Item, schema: KeySchema): void {
  const attributes = attributesOf(schema);
  const fits = attributes.every(({ name, type }) => key[name]?.[type] !== undefined);
  if (!fits || Object.keys(key).length !== attributes.length) {
    throw invalid('The provided key element does not match the schema');
  }
  checkKeyValues(key, schema);
}

/** Refuses an item whose table key is missing, of another type, empty or oversized. */
export function checkItem(item: Item, schema: KeySchema): void {
  for (const { name, type } of attributesOf(schema)) {
    const value = item[name];
    if (!value) throw invalidValue(`Missing the key ${name} in the item`);
    if (value[type] === undefined) {
      throw invalidValue(`Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`);
    }
  }
  checkKeyValues(item, schema);
}

/** Refuses an item that has an index's key attribute in another type, empty or oversized. */
export function checkIndexKey(item: Item, indexName: string, schema: KeySchema): void {
  for (const attribute of attributesOf(schema)) {
    const { name, type } = attribute;
    const value = item[name];
    if (!value) continue;
    if (value[type] === undefined) {
      throw invalidValue(
        `Type mismatch for Index Key ${name} Expected: ${type} Actual: ${typeOf(value)} IndexName: ${indexName}`,
      );
    }
    if (isEmpty(value)) {
      throw invalid(
        'One or more parameter values are not valid. A value specified for a secondary index key is not ' +
          `supported. The AttributeValue for a key attribute cannot contain an empty ${emptyKind(value)} value. ` +
          `IndexName: ${indexName}, IndexKey: ${name}`,
      );
    }
    checkSize(value, attribute === schema.partition);
  }
}

/** Refuses paths that reach into a key attribute, which is always a plain value. */
export function checkPaths(
  nestedPaths: object | undefined,
  schema: KeySchema,
  kind: 'Key' | 'IndexKey',
): void {
  for (const { name } of attributesOf(schema)) {
    if (nestedPaths && name in nestedPaths) {
      throw invalid(
        "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: " +
          `${kind}: ${name}`,
      );
    }
  }
}

function checkKeyValues(item: Item, schema: KeySchema): void {
  for (const attribute of attributesOf(schema)) {
    const value = item[attribute.name] as AttributeValue;
    if (isEmpty(value)) {
      throw invalid(
        'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain ' +
          `an empty ${emptyKind(value)} value. Key: ${attribute.name}`,
      );
    }
    checkSize(value, attribute === schema.partition);
  }
}

function isEmpty(value: AttributeValue): boolean {
  return value.S === '' || value.B === '';
}

function emptyKind(value: AttributeValue): string {
  return value.S === '' ? 'string' : 'binary';
}

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
function checkSize(value: AttributeValue, isPartition: boolean): void {
  const size =
    value.S !== undefined ? Buffer.byteLength(value.S) : Buffer.byteLength(value.B ?? '', 'base64');
  if (isPartition && size > 2048) {
    throw invalidValue('Size of hashkey has exceeded the maximum size limit of 2048 bytes');
  }
  if (!isPartition && size > 1024) {
    throw invalidValue('Aggregated size of all range keys has exceeded the size limit of 1024 bytes');
  }
}
