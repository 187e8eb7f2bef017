import fc from 'fast-check';
import type { Item } from '../../../offline/dynamodb/values.ts';
import { tableName } from '../../support/table-stack.ts';

/** One write, as a test says it: which item, under which condition, and what becomes of it. */
export interface Step {
  readonly pk: string;
  readonly sk: string;
  readonly condition: 'none' | 'exists' | 'absent';
  readonly action:
    | { readonly kind: 'put'; readonly group?: string; readonly label: string }
    | { readonly kind: 'count' }
    | { readonly kind: 'move'; readonly group: string }
    | { readonly kind: 'leave' }
    | { readonly kind: 'delete' };
}

const groups = fc.constantFrom('g1', 'g2');

export const steps: fc.Arbitrary<Step> = fc.record({
  pk: fc.constantFrom('p1', 'p2', 'p3'),
  sk: fc.constantFrom('s1', 's2', 's3'),
  condition: fc.constantFrom('none', 'none', 'exists', 'absent'),
  action: fc.oneof(
    fc.record(
      { kind: fc.constant('put' as const), group: groups, label: fc.constantFrom('x', 'y') },
      { requiredKeys: ['kind', 'label'] },
    ),
    fc.constant({ kind: 'count' as const }),
    fc.record({ kind: fc.constant('move' as const), group: groups }),
    fc.constant({ kind: 'leave' as const }),
    fc.constant({ kind: 'delete' as const }),
  ),
});

/** One request: a single write, or a transaction of several that touch different items. */
export const requests = fc.oneof(
  steps.map((step) => ({ transaction: false, steps: [step] })),
  fc
    .uniqueArray(steps, { minLength: 1, maxLength: 4, selector: ({ pk, sk }) => pk + sk })
    .map((some) => ({ transaction: true, steps: some })),
);

/** The table as a plain map: what the engine is compared with. */
export class Model {
  readonly items = new Map<string, Item>();
  /** How many writes have changed an item. */
  changes = 0;

  /** Whether every condition held; only then anything was done. */
  apply(some: readonly Step[]): boolean {
    const holds = some.every(({ pk, sk, condition }) => {
      const exists = this.items.has(pk + sk);
      return condition === 'none' || exists === (condition === 'exists');
    });
    if (holds) for (const step of some) this.#do(step);
    return holds;
  }

  /** The items of one group in the order of the index. */
  group(name: string): Item[] {
    return this.sorted().filter((item) => item.gsi1pk?.S === name);
  }

  sorted(): Item[] {
    return sorted([...this.items.values()]);
  }

  #do({ pk, sk, action }: Step): void {
    const before = this.items.get(pk + sk);
    const after = outcome({ pk: { S: pk }, sk: { S: sk } }, before, action);
    if (JSON.stringify(sortedMembers(before)) !== JSON.stringify(sortedMembers(after))) this.changes++;
    if (after) this.items.set(pk + sk, after);
    else this.items.delete(pk + sk);
  }
}

export function sorted(items: readonly Item[]): Item[] {
  const name = (item: Item) => `${item.pk?.S}/${item.sk?.S}`;
  return [...items].sort((a, b) => (name(a) < name(b) ? -1 : 1));
}

/** The step as a request of the API. */
export function requestOf(step: Step): { operation: string; kind: string; input: Record<string, unknown> } {
  const key = { pk: { S: step.pk }, sk: { S: step.sk } };
  const conditions = { none: undefined, exists: 'attribute_exists(pk)', absent: 'attribute_not_exists(pk)' };
  const condition = conditions[step.condition];
  const shared = { TableName: tableName, ...(condition && { ConditionExpression: condition }) };
  const { action } = step;
  if (action.kind === 'delete')
    return { operation: 'DeleteItem', kind: 'Delete', input: { ...shared, Key: key } };
  if (action.kind === 'put') {
    const Item = outcome(key, undefined, action);
    return { operation: 'PutItem', kind: 'Put', input: { ...shared, Item } };
  }
  return {
    operation: 'UpdateItem',
    kind: 'Update',
    input: { ...shared, Key: key, ...updateOf(step, action) },
  };
}

function updateOf({ sk }: Step, action: Step['action']): Record<string, unknown> {
  if (action.kind === 'leave') return { UpdateExpression: 'REMOVE gsi1pk' };
  if (action.kind === 'move') {
    return {
      UpdateExpression: 'SET gsi1pk = :group, gsi1sk = :sk',
      ExpressionAttributeValues: { ':group': { S: action.group }, ':sk': { S: sk } },
    };
  }
  return { UpdateExpression: 'ADD visits :one', ExpressionAttributeValues: { ':one': { N: '1' } } };
}

function outcome(key: Item, before: Item | undefined, action: Step['action']): Item | undefined {
  const base = before ?? key;
  switch (action.kind) {
    case 'delete':
      return undefined;
    case 'put':
      return {
        ...key,
        label: { S: action.label },
        ...(action.group !== undefined && { gsi1pk: { S: action.group }, gsi1sk: key.sk as Item[string] }),
      };
    case 'count':
      return { ...base, visits: { N: String(Number(base.visits?.N ?? 0) + 1) } };
    case 'move':
      return { ...base, gsi1pk: { S: action.group }, gsi1sk: key.sk as Item[string] };
    case 'leave': {
      const { gsi1pk: _left, ...rest } = base;
      return rest;
    }
  }
}

function sortedMembers(item: Item | undefined): unknown {
  return item && Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1));
}
