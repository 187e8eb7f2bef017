import { invalid, notFound } from './errors.ts';
import {
  applies,
  type BoundFilter,
  bindFilter,
  type FieldKind,
  type FieldSchemas,
  type Filter,
  type FilterContext,
  FilterRefused,
  parseFilter,
} from './filter/filter.ts';
import type { DatasetType, ResourceOf } from './resources.ts';
import type { Column, Row, Schema } from './schema.ts';
import type { World } from './world.ts';

/** A filter as a request names it. */
export interface FilterAsked {
  readonly filterArn?: string | undefined;
  readonly filterValues?: Readonly<Record<string, string>> | undefined;
}

/** Whom and what a request is about. */
export interface Subject {
  readonly groupArn: string;
  readonly userId: string | undefined;
  /** The item that others are to be like; of recipes for related items only. */
  readonly currentItem: string | undefined;
  readonly isRelated: boolean;
}

export type Allows = (itemId: string) => boolean;

/**
 * Which items the filter of a request lets through; all where it names none.
 * @throws ServiceError ResourceNotFoundException (404), InvalidInputException
 */
export function allowedBy(
  world: World,
  { filterArn, filterValues = {} }: FilterAsked,
  subject: Subject,
): Allows {
  if (filterArn === undefined) {
    if (Object.keys(filterValues).length === 0) return () => true;
    throw invalid('The parameter filterValues needs a filterArn.');
  }
  const { groupArn, userId, currentItem } = subject;
  const filter = refusedAsInvalid(() => {
    const own = activeFilter(world, filterArn, groupArn);
    if (own.usesCurrentItem && !subject.isRelated) {
      throw new FilterRefused('Expected a campaign for related items, as the filter names CurrentItem.');
    }
    return bindFilter(own, filterValues);
  });
  return judging(world, filter, { groupArn, userId, currentItem });
}

function judging(world: World, filter: BoundFilter, subject: Omit<Subject, 'isRelated'>): Allows {
  const { groupArn, userId, currentItem } = subject;
  const data = world.dataOf(groupArn);
  const fieldsOf = (dataset: 'Items' | 'Users', id: string | undefined) =>
    id === undefined ? undefined : fieldsFrom(data.recordOf(dataset, id), world.schemaOf(groupArn, dataset));
  const itemSchema = world.schemaOf(groupArn, 'Items');
  const typesOf = userId === undefined ? new Map<string, string[]>() : data.histories.typesOf(userId);
  const shared = { user: fieldsOf('Users', userId), currentItem: fieldsOf('Items', currentItem) };
  return (itemId) =>
    applies(filter, {
      ...shared,
      item: fieldsFrom(data.recordOf('Items', itemId), itemSchema),
      eventTypes: typesOf.get(itemId) ?? [],
    });
}

function activeFilter(world: World, filterArn: string, groupArn: string): Filter {
  const filter = world.resources.of('filter', filterArn);
  if (!filter) throw notFound(`Filter not found: ${filterArn}`, 404);
  if (!world.resources.isActive(filter)) {
    throw invalid(`The filter must be ACTIVE, it is ${world.resources.statusOf(filter)}: ${filterArn}`);
  }
  if (filter.datasetGroupArn !== groupArn) {
    throw invalid(`The filter is of another dataset group than the campaign: ${filterArn}`);
  }
  return parsed(filter);
}

const parsedFilters = new WeakMap<ResourceOf<'filter'>, Filter>();

/** Reads each filter once. */
function parsed(filter: ResourceOf<'filter'>): Filter {
  const known = parsedFilters.get(filter) ?? parseFilter(filter.filterExpression);
  parsedFilters.set(filter, known);
  return known;
}

/** @throws ServiceError InvalidInputException with what a filter was refused for */
export function refusedAsInvalid<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof FilterRefused) throw invalid(error.message);
    throw error;
  }
}

/** What the fields of a group's items and users are, for filters. */
export function fieldSchemasOf(world: World, groupArn: string): FieldSchemas {
  const kinds = (type: DatasetType) => {
    const schema = world.schemaOf(groupArn, type);
    return (
      schema &&
      Object.fromEntries(schema.columns.map((column) => [column.name.toUpperCase(), kindOf(column)]))
    );
  };
  return { items: kinds('Items'), users: kinds('Users') };
}

function kindOf({ types, textual }: Column): FieldKind {
  if (textual) return 'unstructured';
  if (types.includes('string')) return 'text';
  return types.includes('boolean') ? 'boolean' : 'number';
}

/** A record as filters see it: names in upper case, categories one by one. */
function fieldsFrom(row: Row | undefined, schema: Schema | undefined): FilterContext['item'] {
  if (!row || !schema) return undefined;
  return Object.fromEntries(
    schema.columns.map(({ name, categorical }) => {
      const value = row[name];
      return [name.toUpperCase(), categorical && typeof value === 'string' ? value.split('|') : value];
    }),
  );
}
