type Problem = Readonly<Record<string, unknown>>;

/** What the API, or S3, answered instead of what was asked for. */
export class UploadError extends Error {
  override readonly name = 'UploadError';
  readonly by: 'API' | 'S3';
  readonly status: number;
  /** The API's stable code of docs/problems.md, or S3's, such as `AccessDenied`; empty where API Gateway answered. */
  readonly code: string;
  /** The problem details as they came; of S3 the code and, as `detail`, its message. */
  readonly problem: Problem;
  /** How long the server asks to be left alone. */
  readonly retryAfterMs: number;

  constructor(by: 'API' | 'S3', answer: Pick<Response, 'status' | 'headers'>, problem: Problem) {
    const { code = '', detail = problem.message ?? '' } = problem;
    super(`${[by, 'answered', answer.status, code].join(' ').trim()}: ${detail}${fieldsIn(problem)}`);
    this.by = by;
    this.status = answer.status;
    this.code = String(code);
    this.problem = problem;
    this.retryAfterMs = retryAfterMs(answer);
  }
}

/** How long `Retry-After` asks to wait; 0 where it does not. */
export function retryAfterMs({ headers }: Pick<Response, 'headers'>): number {
  return (Number(headers.get('retry-after')) || 0) * 1_000;
}

/** The error that an answer of the API says. */
export async function refusedByApi(answer: Response): Promise<UploadError> {
  const body: unknown = await answer.json().catch(() => undefined);
  return new UploadError('API', answer, typeof body === 'object' && body !== null ? (body as Problem) : {});
}

/** The error that an answer of S3 says, in XML. */
export async function refusedByS3(answer: Response): Promise<UploadError> {
  const xml = await answer.text().catch(() => '');
  return new UploadError('S3', answer, { code: textIn(xml, 'Code'), detail: textIn(xml, 'Message') });
}

/** Which fields the API could not use, and why. */
function fieldsIn({ errors }: Problem): string {
  if (!Array.isArray(errors)) return '';
  return ` (${errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; ')})`;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

/** The text of an element; empty where there is none. Node has no parser of XML, and S3's errors need none. */
function textIn(xml: string, element: 'Code' | 'Message'): string {
  const [, text = ''] = new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml) ?? [];
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ENTITIES[name] ?? '');
}
