import { describe, expect, it } from 'vitest';
import { refusedByApi, refusedByS3 } from '../../../client/upload-error.ts';
import { json, s3Refuses } from './network.ts';

describe('an error of an upload', () => {
  it('says what S3 has against the file', async () => {
    const message = 'Invalid according to Policy: [&quot;eq&quot;, &quot;$key&quot;] &amp;lt; failed';
    const error = await refusedByS3(s3Refuses(403, 'AccessDenied', message)());
    expect(error).toMatchObject({
      by: 'S3',
      status: 403,
      code: 'AccessDenied',
      problem: {
        code: 'AccessDenied',
        detail: 'Invalid according to Policy: ["eq", "$key"] &lt; failed',
      },
    });
    expect(error.message).toBe(
      'S3 answered 403 AccessDenied: Invalid according to Policy: ["eq", "$key"] &lt; failed',
    );
  });

  it('says as much as there is where something between here and S3 answered', async () => {
    const error = await refusedByS3(new Response('<html>Bad gateway</html>', { status: 502 }));
    expect([error.code, error.message]).toEqual(['', 'S3 answered 502: ']);
  });

  it('says which fields the API could not use', async () => {
    const errors = [
      { pointer: '/tags/0', detail: 'Expected letters' },
      { pointer: '/caption', detail: 'Expected text' },
    ];
    const problem = { code: 'invalid-request', detail: 'Some fields cannot be used.', errors };
    const error = await refusedByApi(await json(422, problem)());
    expect(error.message).toBe(
      'API answered 422 invalid-request: Some fields cannot be used. (/tags/0: Expected letters; /caption: Expected text)',
    );
    expect(error.problem).toEqual(problem);
  });

  it('says what API Gateway says, and how long it asks to be left alone', async () => {
    const error = await refusedByApi(
      await json(429, { message: 'Too Many Requests' }, { 'retry-after': '2' })(),
    );
    expect(error).toMatchObject({ code: '', retryAfterMs: 2_000 });
    expect(error.message).toBe('API answered 429: Too Many Requests');
  });
});
