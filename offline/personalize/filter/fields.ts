import { type Condition, conditionsOf, type Filter, FilterRefused } from './expression.ts';

/** What a field of a dataset holds. `unstructured` is text for the service to read, as a description. */
export type FieldKind = 'number' | 'text' | 'boolean' | 'unstructured';

/** The fields that datasets have, in upper case; undefined where there is no such dataset. */
export interface FieldSchemas {
  readonly items: Readonly<Record<string, FieldKind>> | undefined;
  readonly users: Readonly<Record<string, FieldKind>> | undefined;
}

/** Source: "Guidelines and requirements" of filter expressions, Personalize developer guide. */
const MAX_GROUP_FIELDS = 20;

/**
 * Checks that all fields of a filter exist and are compared as what they are: texts with `IN`, `NOT IN`, `=` and `!=`,
 * numbers with comparisons.
 * @throws FilterRefused
 */
export function checkFields(filter: Filter, schemas: FieldSchemas): void {
  for (const condition of filter.expressions.flatMap(conditionsOf)) {
    if (condition.dataset === 'Interactions') continue;
    const { field, operator, operands } = condition;
    const dataset = condition.dataset === 'Items' ? 'Items' : 'Users';
    const kind = kindOf(schemas, dataset, field);
    checkOperator(`${dataset}.${field}`, kind, condition);
    for (const operand of operands) {
      if (operand.kind === 'current-item') {
        const other = kindOf(schemas, 'Items', operand.field);
        if (other !== kind) {
          throw new FilterRefused(
            `Expected CurrentItem.${operand.field} to be a ${kind} as ${dataset}.${field}, got a ${other}.`,
          );
        }
      }
      const fits = operand.kind !== 'number' && operand.kind !== 'text' ? kind : operand.kind;
      if (fits !== kind) {
        throw new FilterRefused(
          `Expected a ${kind} for ${dataset}.${field} ${operator}, got a ${operand.kind}.`,
        );
      }
    }
  }
}

/**
 * Checks that the filters of one dataset group use at most 20 distinct fields together.
 * @throws FilterRefused
 */
export function checkGroup(filters: readonly Filter[]): void {
  const { size } = new Set(filters.flatMap(({ fields }) => fields));
  if (size > MAX_GROUP_FIELDS) {
    throw new FilterRefused(
      `Expected at most ${MAX_GROUP_FIELDS} distinct fields in all filters of a dataset group, got ${size}.`,
    );
  }
}

function checkOperator(name: string, kind: 'number' | 'text', { operator }: Condition): void {
  const isList = operator === 'IN' || operator === 'NOT IN';
  const isOrder = !isList && operator !== '=' && operator !== '!=';
  if (kind === 'number' && isList) {
    throw new FilterRefused(`Expected a comparison for ${name}, which is a number, got ${operator}.`);
  }
  if (kind === 'text' && isOrder) {
    throw new FilterRefused(`Expected IN, NOT IN, = or != for ${name}, which is a text, got ${operator}.`);
  }
}

function kindOf(schemas: FieldSchemas, dataset: 'Items' | 'Users', field: string): 'number' | 'text' {
  const fields = dataset === 'Items' ? schemas.items : schemas.users;
  if (!fields) throw new FilterRefused(`Expected a dataset ${dataset} for ${dataset}.${field}, got none.`);
  const kind = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (kind === 'number' || kind === 'text') return kind;
  const known = Object.keys(fields).join(', ') || 'none';
  if (kind === undefined) throw new FilterRefused(`Expected a field of ${dataset} (${known}), got ${field}.`);
  throw new FilterRefused(
    `Expected ${dataset}.${field} to be a number or a text that names something, got ${kind === 'boolean' ? 'a boolean' : 'unstructured text'}.`,
  );
}
