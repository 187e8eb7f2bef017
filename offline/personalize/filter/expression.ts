/** A filter expression, or a value for it, that Personalize wouldn't take: what was expected where, and what came. */
export class FilterRefused extends Error {
  override readonly name = 'FilterRefused';
}

/** What conditions compare a field with. */
export type Operand =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly number: number }
  /** `$NAME`: what the request says. */
  | { readonly kind: 'parameter'; readonly name: string }
  /** `CurrentItem.FIELD`: what the photo has that others are to be like. */
  | { readonly kind: 'current-item'; readonly field: string };

export const COMPARISONS = ['=', '!=', '<', '<=', '>', '>='] as const;
export type Comparison = (typeof COMPARISONS)[number];
export type Operator = Comparison | 'IN' | 'NOT IN';

export type Dataset = 'Interactions' | 'Items' | 'CurrentUser';

export interface Condition {
  readonly dataset: Dataset;
  /** In upper case: names of fields are compared without regard to it. */
  readonly field: string;
  readonly operator: Operator;
  /** One for comparisons, at least one for `IN` and `NOT IN`. */
  readonly operands: readonly Operand[];
}

/** One of the expressions that a filter chains with `|`. */
export interface Expression {
  readonly action: 'INCLUDE' | 'EXCLUDE';
  /** Alternatives, of each of which all conditions have to hold: AND binds before OR, as in SQL. */
  readonly where: readonly (readonly Condition[])[];
  /** What all has to hold of the user for the expression to count. */
  readonly onlyIf: readonly Condition[];
}

export interface Filter {
  readonly expressions: readonly Expression[];
  /** Names of the `$PARAMETER`s, each once, in the order they appear. */
  readonly parameters: readonly string[];
  /** `Items.PRICE` and the like, each once; `CurrentItem` is of Items, `CurrentUser` of Users. */
  readonly fields: readonly string[];
  /** Whether it may serve related items only. */
  readonly usesCurrentItem: boolean;
}

/** A filter whose parameters have values: no operand is a parameter any more. */
export interface BoundFilter {
  readonly expressions: readonly Expression[];
}

/** All conditions of an expression, those about the user last. */
export function conditionsOf({ where, onlyIf }: Expression): Condition[] {
  return [...where.flat(), ...onlyIf];
}
