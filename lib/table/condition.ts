/** A DynamoDB condition with its own placeholders, ready to be joined with others. */
export interface Condition {
  readonly expression: string;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, unknown>>;
}

/** The item must not exist yet. */
export function absent(): Condition {
  return { expression: 'attribute_not_exists(#pk)', names: { '#pk': 'pk' }, values: {} };
}

/** The item must exist. */
export function present(): Condition {
  return { expression: 'attribute_exists(#pk)', names: { '#pk': 'pk' }, values: {} };
}

/** The attribute must have one of these values. */
export function oneOf(attribute: string, values: readonly unknown[]): Condition {
  const names = { [`#if_${attribute}`]: attribute };
  const placeholders = values.map((_, index) => `:if_${attribute}_${index}`);
  return {
    expression: `#if_${attribute} IN (${placeholders.join(', ')})`,
    names,
    values: Object.fromEntries(placeholders.map((name, index) => [name, values[index]])),
  };
}

/** The attribute must have exactly this value. */
export function is(attribute: string, value: unknown): Condition {
  return oneOf(attribute, [value]);
}

/** The attribute must be there and have another value. */
export function differs(attribute: string, value: unknown): Condition {
  return {
    expression: `#ne_${attribute} <> :ne_${attribute}`,
    names: { [`#ne_${attribute}`]: attribute },
    values: { [`:ne_${attribute}`]: value },
  };
}

/** The attribute must not be there. */
export function without(attribute: string): Condition {
  return {
    expression: `attribute_not_exists(#no_${attribute})`,
    names: { [`#no_${attribute}`]: attribute },
    values: {},
  };
}

/** The attribute must be there. */
export function having(attribute: string): Condition {
  return {
    expression: `attribute_exists(#has_${attribute})`,
    names: { [`#has_${attribute}`]: attribute },
    values: {},
  };
}

/** The attribute must be there and lie below this value. */
export function before(attribute: string, value: number | string): Condition {
  return {
    expression: `#lt_${attribute} < :lt_${attribute}`,
    names: { [`#lt_${attribute}`]: attribute },
    values: { [`:lt_${attribute}`]: value },
  };
}

/** There must be room for so much more in the attribute, a number that begins at 0, within this limit. */
export function hasRoom(attribute: string, more: number, limit: number): Condition {
  const fits = before(attribute, limit - more + 1);
  return more > limit ? fits : anyOf(without(attribute), fits);
}

/** The item's time in `gsi2` must have come; an index is a moment behind, the item itself is not. */
export function overdue(now: Date): Condition {
  return before('gsi2sk', now.toISOString());
}

/** All of them must hold; conditions left undefined are passed over. */
export function allOf(...conditions: (Condition | undefined)[]): Condition {
  return join(' AND ', conditions);
}

/** At least one of them must hold. */
export function anyOf(...conditions: Condition[]): Condition {
  return join(' OR ', conditions);
}

/** The parts' placeholders are numbered, so that two of them may speak of one attribute. */
function join(operator: string, conditions: readonly (Condition | undefined)[]): Condition {
  const given = conditions.filter((condition) => condition !== undefined);
  // DynamoDB refuses redundant parentheses.
  if (given[0] && given.length === 1) return given[0];
  const parts = given.map((condition, index) => numbered(condition, index));
  return {
    expression: parts.map(({ expression }) => `(${expression})`).join(operator),
    names: Object.assign({}, ...parts.map(({ names }) => names)),
    values: Object.assign({}, ...parts.map(({ values }) => values)),
  };
}

function numbered({ expression, names, values }: Condition, index: number): Condition {
  const rename = (placeholder: string) => `${placeholder}_${index}`;
  const renamed = <Value>(record: Readonly<Record<string, Value>>) =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [rename(name), value]));
  return {
    expression: expression.replace(/[#:]\w+/g, rename),
    names: renamed(names),
    values: renamed(values),
  };
}
