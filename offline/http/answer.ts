import type { Invocation } from '../contract.ts';

/** What goes back to the client. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

/** An answer that the API itself makes; its form is AWS's, `{"message": ...}`. */
export function apiAnswer(status: number, message: string, headers: Record<string, string> = {}): HttpAnswer {
  const body = Buffer.from(JSON.stringify({ message }));
  return { status, headers: { 'content-type': 'application/json', ...headers }, cookies: [], body };
}

/**
 * The HTTP answer that a function's result stands for, in payload format 2.0: `{statusCode, ...}` as it says,
 * anything else as JSON with status 200. What failed or can't be read is 500.
 */
export function functionAnswer(outcome: Invocation): HttpAnswer {
  if (!outcome.ok) return apiAnswer(500, 'Internal Server Error');
  const { payload } = outcome;
  if (!isStructured(payload)) {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    const headers = { 'content-type': 'application/json' };
    return { status: 200, headers, cookies: [], body: Buffer.from(text) };
  }
  const status = Number(payload.statusCode);
  const { body = '', cookies = [], headers = {}, isBase64Encoded = false } = payload;
  const wellFormed = Number.isInteger(status) && status >= 200 && status <= 599 && Array.isArray(cookies);
  if (!wellFormed || (typeof body !== 'string' && body !== null) || typeof headers !== 'object') {
    return apiAnswer(500, 'Internal Server Error');
  }
  const bytes = Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8');
  return {
    status,
    headers: headersOf((headers ?? {}) as Record<string, unknown>, bytes.length > 0),
    cookies: cookies.map(String),
    body: bytes,
  };
}

interface StructuredResult {
  readonly statusCode: unknown;
  readonly body?: unknown;
  readonly cookies?: unknown;
  readonly headers?: unknown;
  readonly isBase64Encoded?: unknown;
}

function isStructured(payload: unknown): payload is StructuredResult {
  return typeof payload === 'object' && payload !== null && 'statusCode' in payload;
}

function headersOf(given: Record<string, unknown>, hasBody: boolean): Record<string, string> {
  const headers: Record<string, string> = hasBody ? { 'content-type': 'text/plain; charset=utf-8' } : {};
  for (const [name, value] of Object.entries(given)) {
    const lower = name.toLowerCase();
    if (!ofTheConnection.has(lower)) headers[lower] = String(value);
  }
  return headers;
}

/** Set by the server for its own connection. */
const ofTheConnection = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding']);
