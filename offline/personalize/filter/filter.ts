/** The filter language of Personalize, pure: read, given values, checked against schemas, and applied. */
export { bindFilter } from './bind.ts';
export { type BoundFilter, type Filter, FilterRefused } from './expression.ts';
export { checkFields, checkGroup, type FieldKind, type FieldSchemas } from './fields.ts';
export { applies, type FilterContext } from './judge.ts';
export { parseFilter } from './parse.ts';
