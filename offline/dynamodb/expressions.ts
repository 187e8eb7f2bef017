import type { AttributeValue, Path } from './values.ts';

/** Parsed expressions, as dynalite's parsers give them: names and values are already put in. */

export type Operand = Path | AttributeValue | SizeCall;

export interface SizeCall {
  readonly type: 'function';
  readonly name: 'size';
  readonly args: readonly [Operand];
}

export type Condition =
  | { readonly type: 'and' | 'or'; readonly args: readonly [Condition, Condition] }
  | { readonly type: 'not'; readonly args: readonly [Condition] }
  | { readonly type: Comparator | 'between' | 'in'; readonly args: readonly Operand[] }
  | { readonly type: 'function'; readonly name: ConditionFunction; readonly args: readonly Operand[] };

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type ConditionFunction =
  | 'attribute_exists'
  | 'attribute_not_exists'
  | 'attribute_type'
  | 'begins_with'
  | 'contains';

/** What an update sets an attribute to: a value, another attribute, or a calculation with both. */
export type Source =
  | Path
  | AttributeValue
  | { readonly type: 'add' | 'subtract'; readonly args: readonly [Source, Source] }
  | {
      readonly type: 'function';
      readonly name: 'if_not_exists' | 'list_append';
      readonly args: readonly [Source, Source];
    };

export type Action =
  | { readonly type: 'set'; readonly path: Path; readonly val: Source }
  | { readonly type: 'remove'; readonly path: Path }
  | { readonly type: 'add' | 'delete'; readonly path: Path; readonly val: AttributeValue };

export interface ParsedCondition {
  readonly expression: Condition;
  readonly nestedPaths: object;
  /** The attributes the expression speaks of. */
  readonly pathHeads: object;
}

export interface ParsedUpdate {
  readonly sections: readonly Action[];
  readonly paths: readonly Path[];
  readonly nestedPaths: object;
}

export interface ParsedProjection {
  readonly paths: readonly Path[];
  readonly nestedPaths: object;
}

export function isPath(operand: unknown): operand is Path {
  return Array.isArray(operand);
}
