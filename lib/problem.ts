/** Where in the request a value was wrong, as an RFC 6901 JSON pointer, and what was expected. */
export interface FieldError {
  readonly pointer: string;
  readonly detail: string;
}

interface ProblemExtra {
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly members?: Readonly<Record<string, unknown>>;
}

/**
 * An expected failure that the client is told about, as RFC 9457 problem details. `code` is stable and has a
 * paragraph in docs/problems.md. Everything else that is thrown becomes a bare 500.
 */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly code: string;
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, detail: string, extra: ProblemExtra = {}) {
    super(detail);
    this.status = status;
    this.code = code;
    this.errors = extra.errors;
    this.headers = extra.headers ?? {};
    this.members = extra.members ?? {};
  }
}

/** 404, also for what the caller may not know to exist. */
export function notFound(what: string): Problem {
  return new Problem(404, 'not-found', `There is no such ${what}, or you may not see it.`);
}

/** 403 for what the caller may see but not do. */
export function forbidden(detail: string): Problem {
  return new Problem(403, 'forbidden', detail);
}

/** 412 for a change that was meant for another version of what there is; 404 where that is gone. */
export function versionMismatch(what: string, expected: number | undefined, found: unknown): Problem {
  if (expected === undefined || found === undefined)
    return new Problem(404, 'not-found', `The ${what} is gone.`);
  return new Problem(
    412,
    'version-mismatch',
    `If-Match named version ${expected}, but the ${what} is at ${found}.`,
  );
}

/** 422 for one field that parsed but cannot be. */
export function invalidField(pointer: string, detail: string): Problem {
  return new Problem(422, 'invalid-request', 'The request has fields that cannot be used; see errors.', {
    errors: [{ pointer, detail }],
  });
}
