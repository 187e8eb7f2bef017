/** The parts of dynalite that stand behind `request.ts`: checks of a request's form, and expression parsers. */
declare module 'dynalite/validations/index.js' {
  interface Validations {
    /** Checks JSON types; answers a copy, and deletes what `types` doesn't name from the data it is given. */
    checkTypes(data: object, types: object): Record<string, unknown>;
    /** Checks values and parses expressions into `_condition`, `_updates`, `_filter` and `_projection`. */
    checkValidations(data: object, types: object, custom: unknown, store: unknown): void;
    validateAttributeValue(value: object): string | undefined;
  }
  const validations: Validations;
  export default validations;
}

declare module 'dynalite/db/index.js' {
  interface Helpers {
    validateKeyPaths(nestedPaths: object | undefined, table: object): Error | undefined;
    mapPath(path: readonly (string | number)[], item: object): object | undefined;
    mapPaths(paths: readonly unknown[], item: object): Record<string, object>;
    /** A number as a string whose order is the numbers' order. */
    toLexiStr(value: string, type: 'N'): string;
  }
  const helpers: Helpers;
  export default helpers;
}

declare module 'dynalite/validations/*' {
  const operation: { readonly types: object; readonly custom?: unknown };
  export default operation;
}
