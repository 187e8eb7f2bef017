/** One attribute's value as it travels: exactly one member, numbers and binary (base64) as strings. */
export interface AttributeValue {
  readonly S?: string;
  readonly N?: string;
  readonly B?: string;
  readonly SS?: readonly string[];
  readonly NS?: readonly string[];
  readonly BS?: readonly string[];
  readonly M?: Item;
  readonly L?: readonly AttributeValue[];
  readonly BOOL?: boolean;
  readonly NULL?: true;
}

export type AttributeType = keyof AttributeValue;

/** Attributes by name. Stored items are shared by everything that reads them: nobody changes one in place. */
export interface Item {
  readonly [name: string]: AttributeValue;
}

/** Names and list positions that lead to a value inside an item. */
export type Path = readonly (string | number)[];

export function typeOf(value: AttributeValue): AttributeType {
  return Object.keys(value)[0] as AttributeType;
}

/** Whether two values are the same: sets in any order, maps and lists member by member. */
export function equal(a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  if (a === b) return true;
  if (!a || !b) return false;
  const type = typeOf(a);
  if (type !== typeOf(b)) return false;
  if (type === 'M') return equalItems(a.M ?? {}, b.M ?? {});
  if (type === 'L') return equalLists(a.L ?? [], b.L ?? []);
  if (type === 'SS' || type === 'NS' || type === 'BS') return equalSets(a[type] ?? [], b[type] ?? []);
  return a[type] === b[type];
}

/** Whether two items hold the same attributes with the same values. */
export function equalItems(a: Item | undefined, b: Item | undefined): boolean {
  if (a === b) return true;
  if (!a || !b) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => equal(a[name], b[name]));
}

function equalLists(a: readonly AttributeValue[], b: readonly AttributeValue[]): boolean {
  return a.length === b.length && a.every((value, index) => equal(value, b[index]));
}

function equalSets(a: readonly string[], b: readonly string[]): boolean {
  const members = new Set(b);
  return a.length === b.length && a.every((member) => members.has(member));
}

/** The value a path leads to, or undefined where it leads nowhere. */
export function valueAt(item: Item, path: Path): AttributeValue | undefined {
  let value: AttributeValue | undefined = { M: item };
  for (const step of path) {
    if (typeof step === 'number') value = value?.L?.[step];
    else value = value?.M && Object.hasOwn(value.M, step) ? value.M[step] : undefined;
  }
  return value;
}

/**
 * The size in bytes by which AWS bills and limits an item: attribute names and values in UTF-8, numbers one
 * byte for two significant digits plus one, 3 bytes for a map or list and 1 for each of its members.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemSize(item: Item): number {
  let size = 0;
  for (const name in item) size += Buffer.byteLength(name) + valueSize(item[name] as AttributeValue);
  return size;
}

function valueSize(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberSize(value.N);
  if (value.B !== undefined) return Buffer.byteLength(value.B, 'base64');
  if (value.M) return 3 + Object.keys(value.M).length + itemSize(value.M);
  if (value.L) return 3 + total(value.L, (member) => 1 + valueSize(member));
  if (value.SS) return total(value.SS, (member) => Buffer.byteLength(member));
  if (value.NS) return total(value.NS, numberSize);
  if (value.BS) return total(value.BS, (member) => Buffer.byteLength(member, 'base64'));
  return 1;
}

function numberSize(number: string): number {
  const digits = number.replace(/^-?0*\.?0*|\./g, '').replace(/0+$/, '').length;
  return Math.ceil(digits / 2) + 1 + (number.startsWith('-') ? 1 : 0);
}

function total<Member>(members: readonly Member[], size: (member: Member) => number): number {
  return members.reduce((sum, member) => sum + size(member), 0);
}
