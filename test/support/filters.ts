import fc from 'fast-check';

/** What a candidate of a filter is, as the tests make it up. */
export interface Situation {
  readonly item: Readonly<Record<string, unknown>> | undefined;
  readonly user: Readonly<Record<string, unknown>> | undefined;
  readonly currentItem: Readonly<Record<string, unknown>> | undefined;
  readonly eventTypes: readonly string[];
}

/** The text of a filter, what a request gives for its parameters, and what both mean. */
export interface MadeUpFilter {
  readonly text: string;
  readonly values: Readonly<Record<string, string>>;
  readonly keeps: (situation: Situation) => boolean;
}

type Meaning = (situation: Situation) => boolean;

/** A part of a filter; `meaning` is undefined where a missing parameter takes it away. */
interface Part {
  readonly text: string;
  readonly values: Readonly<Record<string, string>>;
  readonly meaning: Meaning | undefined;
}

const WORDS = ['cat', 'dog', 'Cat', 'a | b', '$x', '', '5', 'ünï'] as const;
const TYPES = ['view', 'like', 'VIEW', 'Like', 'click'] as const;
const word = fc.constantFrom(...WORDS);
const small = fc.integer({ min: -2, max: 2 }).map((number) => number / 2);

/** Keywords in any case and any space between tokens say the same. */
const cased = (keyword: string) => fc.constantFrom(keyword, keyword.toLowerCase());
const space = fc.constantFrom(' ', '  ', '\n');
const maybeSpace = fc.constantFrom('', ' ');

function spaced(...pieces: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> {
  const parts = pieces.map((piece) => (typeof piece === 'string' ? cased(piece) : piece));
  return fc
    .tuple(fc.tuple(...parts), fc.array(space, { minLength: parts.length, maxLength: parts.length }))
    .map(([words, spaces]) => words.map((one, at) => (at === 0 ? one : `${spaces[at]}${one}`)).join(''));
}

/** Everything somebody or something is in a field, as a list: nothing, one or several. */
function allOf(fields: Readonly<Record<string, unknown>> | undefined, name: string): unknown[] {
  const value = fields?.[name];
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

type Owner = 'item' | 'user';
const WRITTEN: Readonly<Record<Owner, string>> = { item: 'Items', user: 'CurrentUser' };

/** `Items.TAGS IN ("cat", $P)` and the like; parameters by other ways to be right. */
function membership(owner: Owner, parameters: Parameters): fc.Arbitrary<Part> {
  const field = fc.constantFrom('TAGS', 'KIND');
  const list = fc.array(word, { minLength: 1, maxLength: 3 });
  const written = (name: string, negated: boolean, inside: string) =>
    spaced(
      fc.constant(`${WRITTEN[owner]}.${name}`),
      negated ? 'NOT' : 'IN',
      negated ? 'IN' : fc.constant(''),
    ).map((start) => `${start} (${inside})`);
  const isIn = (name: string, words: readonly string[]): Meaning => {
    return (situation) =>
      allOf(situation[owner], name).filter((one) => words.some((word) => word === one)).length > 0;
  };
  const fixed = fc.tuple(field, list, fc.boolean()).chain(([name, words, negated]) =>
    written(name, negated, words.map((one) => `"${one}"`).join(' , ')).map((text): Part => {
      const meaning = isIn(name, words);
      return { text, values: {}, meaning: negated ? (situation) => !meaning(situation) : meaning };
    }),
  );
  const asked = fc
    .tuple(field, list, word, parameters.name, parameters.isGiven)
    .chain(([name, words, more, parameter, isGiven]) =>
      written(name, false, `"${more}", $${parameter}`).map(
        (text): Part => ({
          text,
          values: isGiven ? { [parameter]: words.map((one) => `"${one}"`).join(',') } : {},
          meaning: isGiven ? isIn(name, [more, ...words]) : undefined,
        }),
      ),
    );
  return fc.oneof(fixed, asked);
}

const SIGNS: Readonly<Record<string, (one: number, other: number) => boolean>> = {
  '=': (one, other) => one === other,
  '!=': (one, other) => one !== other,
  '<': (one, other) => one < other,
  '<=': (one, other) => one <= other,
  '>': (one, other) => one > other,
  '>=': (one, other) => one >= other,
};

/** Numbers compare as numbers; nothing is less or more than what isn't there, and unlike everything. */
function comparison(owner: Owner, parameters: Parameters): fc.Arbitrary<Part> {
  return fc
    .tuple(
      fc.constantFrom(...Object.keys(SIGNS)),
      small,
      fc.constantFrom('fixed', 'asked', 'quoted', 'in parentheses'),
      parameters.name,
      parameters.isGiven,
      maybeSpace,
    )
    .map(([sign, number, way, parameter, isGiven, gap]) => {
      const compare = SIGNS[sign] as (one: number, other: number) => boolean;
      const meaning: Meaning = (situation) => {
        const price = situation[owner]?.PRICE;
        return typeof price === 'number' ? compare(price, number) : sign === '!=';
      };
      const operand =
        way === 'fixed' ? `${number}` : way === 'in parentheses' ? `($${parameter})` : `$${parameter}`;
      const text = `${WRITTEN[owner]}.Price${gap}${sign}${gap}${operand}`;
      if (way === 'fixed') return { text, values: {}, meaning };
      const value = way === 'quoted' ? `"${number}"` : `${number}`;
      return {
        text,
        values: isGiven ? { [parameter]: value } : {},
        meaning: isGiven ? meaning : undefined,
      };
    });
}

/** `Items.KIND = "cat"`. */
function sameness(owner: Owner): fc.Arbitrary<Part> {
  return fc.tuple(word, fc.boolean()).map(([asked, negated]) => ({
    text: `${WRITTEN[owner]}.KIND ${negated ? '!=' : '='} "${asked}"`,
    values: {},
    meaning: (situation) => allOf(situation[owner], 'KIND').includes(asked) !== negated,
  }));
}

/** `Items.PRICE < CurrentItem.PRICE` and `Items.TAGS IN CurrentItem.TAGS`. */
const likeCurrent: fc.Arbitrary<Part> = fc.oneof(
  fc.constantFrom(...Object.keys(SIGNS)).map(
    (sign): Part => ({
      text: `items.price ${sign} CurrentItem.PRICE`,
      values: {},
      meaning: ({ item, currentItem }) => {
        const [one, other] = [item?.PRICE, currentItem?.PRICE];
        if (typeof one !== 'number' || typeof other !== 'number') return sign === '!=';
        return (SIGNS[sign] as (one: number, other: number) => boolean)(one, other);
      },
    }),
  ),
  fc.boolean().map(
    (negated): Part => ({
      text: `Items.TAGS ${negated ? 'NOT IN' : 'IN'} CurrentItem.tags`,
      values: {},
      meaning: ({ item, currentItem }) => {
        const shared = allOf(item, 'TAGS').filter((tag) => allOf(currentItem, 'TAGS').indexOf(tag) >= 0);
        return negated ? shared.length === 0 : shared.length > 0;
      },
    }),
  ),
);

function ofEvents(parameters: Parameters): fc.Arbitrary<Part> {
  const types = fc.array(fc.constantFrom(...TYPES, '*'), { minLength: 1, maxLength: 3 });
  return fc
    .tuple(types, fc.boolean(), fc.boolean(), parameters.name, parameters.isGiven)
    .map(([asked, negated, isFixed, parameter, isGiven]) => {
      const list = asked.map((type) => `"${type}"`).join(',');
      const did = ({ eventTypes }: Situation) =>
        asked.includes('*')
          ? eventTypes.length !== 0
          : eventTypes.some((type) =>
              asked.some((one) => one.localeCompare(type, 'en', { sensitivity: 'base' }) === 0),
            );
      if (isFixed || negated) {
        return {
          text: `Interactions.event_type ${negated ? 'not in' : 'IN'} (${list})`,
          values: {},
          meaning: (situation) => did(situation) !== negated,
        };
      }
      return {
        text: `INTERACTIONS.EVENT_TYPE IN ($${parameter})`,
        values: isGiven ? { [parameter]: list } : {},
        meaning: isGiven ? did : undefined,
      };
    });
}

/** Where a condition's parameters get their names from, and whether a request has to give them. */
interface Parameters {
  readonly name: fc.Arbitrary<string>;
  readonly isGiven: fc.Arbitrary<boolean>;
}

interface MadeUpExpression {
  readonly text: string;
  readonly values: Readonly<Record<string, string>>;
  /** Whether the candidate is meant, or undefined where the expression doesn't count. */
  readonly meant: (situation: Situation) => boolean | undefined;
  readonly includes: boolean;
}

function expression(place: number): fc.Arbitrary<MadeUpExpression> {
  return fc.constantFrom('INCLUDE', 'EXCLUDE').chain((action) => {
    let serial = 0;
    const parameters: Parameters = {
      name: fc.nat().map(() => `P${place}_${serial++}`),
      isGiven: action === 'INCLUDE' ? fc.constant(true) : fc.boolean(),
    };
    const ofItems = fc.oneof(
      membership('item', parameters),
      comparison('item', parameters),
      sameness('item'),
      likeCurrent,
    );
    const ofUser = fc.oneof(membership('user', parameters), comparison('user', parameters), sameness('user'));
    const group = fc.oneof(ofItems, ofEvents(parameters)).chain((first) => {
      const rest = first.text.toUpperCase().startsWith('INTERACTIONS') ? ofEvents(parameters) : ofItems;
      return fc.tuple(
        fc.constant(first),
        fc.array(fc.tuple(fc.constantFrom('AND', 'OR', 'and', 'or'), rest), { maxLength: 4 }),
      );
    });
    return fc
      .tuple(spaced(action, 'ItemID', 'WHERE'), group, fc.array(ofUser, { maxLength: 2 }))
      .map(([start, [first, rest], conditions]) => {
        const parts = [first, ...rest.map(([, part]) => part), ...conditions];
        const tail = conditions.length === 0 ? '' : ` IF ${conditions.map(({ text }) => text).join(' AND ')}`;
        return {
          text: `${start} ${first.text}${rest.map(([word, { text }]) => ` ${word} ${text}`).join('')}${tail}`,
          values: Object.assign({}, ...parts.map(({ values }) => values)),
          includes: action === 'INCLUDE',
          meant: (situation) => {
            for (const { meaning } of conditions) if (!meaning?.(situation)) return undefined;
            return anyRun(first, rest, situation);
          },
        };
      });
  });
}

/** OR starts a new run of conditions that all have to hold; a run of which all are taken away says nothing. */
function anyRun(first: Part, rest: readonly (readonly [string, Part])[], situation: Situation): boolean {
  let any = false;
  let [all, count] = [true, 0];
  for (const [word, { meaning }] of [['OR', first] as const, ...rest]) {
    if (word.toUpperCase() === 'OR') {
      any ||= all && count > 0;
      [all, count] = [true, 0];
    }
    if (meaning === undefined) continue;
    all &&= meaning(situation);
    count += 1;
  }
  return any || (all && count > 0);
}

/** Filters as the developer guide describes them, with what they mean. */
export const madeUpFilters: fc.Arbitrary<MadeUpFilter> = fc
  .integer({ min: 1, max: 3 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, place) => expression(place))))
  .map((expressions) => ({
    text: expressions.map(({ text }) => text).join(' | '),
    values: Object.assign({}, ...expressions.map(({ values }) => values)),
    keeps: (situation) => {
      const said = (includes: boolean) =>
        expressions
          .filter((one) => one.includes === includes)
          .map(({ meant }) => meant(situation))
          .filter((meant) => meant !== undefined);
      const included = said(true);
      return (included.length === 0 || included.includes(true)) && !said(false).includes(true);
    },
  }));

const fields = fc.option(
  fc.record(
    {
      TAGS: fc.oneof(fc.array(word, { maxLength: 3 }), word),
      KIND: word,
      PRICE: small,
    },
    { requiredKeys: [] },
  ),
  { nil: undefined, freq: 8 },
);

export const situations: fc.Arbitrary<Situation> = fc.record({
  item: fields,
  user: fields,
  currentItem: fields,
  eventTypes: fc.uniqueArray(fc.constantFrom(...TYPES), { maxLength: 3 }),
});
