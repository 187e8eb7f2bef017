import { describe, expect, it } from 'vitest';
import { functionAnswer } from '../../../offline/http/answer.ts';
import type { CorsRules, HttpApi, HttpRoute } from '../../../offline/http/api.ts';
import { corsHeaders, isPreflight, preflightHeaders } from '../../../offline/http/cors.ts';
import { type ArrivedRequest, eventOf } from '../../../offline/http/event.ts';
import { matchRoute } from '../../../offline/http/match.ts';

function route(key: string): HttpRoute {
  const [method, path] = key.split(' ');
  return {
    key,
    method: path === undefined ? 'ANY' : (method as string),
    segments: path?.split('/').slice(1),
    authorizer: undefined,
    scopes: [],
    functionName: 'f',
    timeoutMs: 1000,
  };
}

describe('the route of a request', () => {
  const routes = [
    '$default',
    'ANY /{proxy+}',
    'GET /photos',
    'ANY /photos/{photoId}',
    'GET /photos/{photoId}',
    'GET /photos/latest',
    'GET /photos/{photoId}/renditions/{name}',
    'GET /files/{path+}',
    'POST /',
  ].map(route);
  it.each([
    ['GET', '/photos', 'GET /photos', {}],
    ['GET', '/photos/latest', 'GET /photos/latest', {}],
    ['GET', '/photos/a%2Fb', 'GET /photos/{photoId}', { photoId: 'a/b' }],
    ['GET', '/photos/%zz', 'GET /photos/{photoId}', { photoId: '%zz' }],
    ['PUT', '/photos/1', 'ANY /photos/{photoId}', { photoId: '1' }],
    ['HEAD', '/photos/1', 'ANY /photos/{photoId}', { photoId: '1' }],
    [
      'GET',
      '/photos/1/renditions/small',
      'GET /photos/{photoId}/renditions/{name}',
      { photoId: '1', name: 'small' },
    ],
    ['GET', '/files/a/b/c', 'GET /files/{path+}', { path: 'a/b/c' }],
    ['GET', '/photos/', 'ANY /{proxy+}', { proxy: 'photos/' }],
    ['GET', '/Photos', 'ANY /{proxy+}', { proxy: 'Photos' }],
    ['HEAD', '/photos', 'ANY /{proxy+}', { proxy: 'photos' }],
    ['POST', '/', 'POST /', {}],
    ['GET', '/', '$default', {}],
  ])('%s %s is %s', (method, path, key, parameters) => {
    const match = matchRoute(routes, method, path);
    expect(match?.route.key).toBe(key);
    expect(match?.parameters).toEqual(parameters);
  });

  it('is none where nothing fits: another method, a slash too many, another case', () => {
    const only = [route('GET /photos')];
    for (const [method, path] of [
      ['POST', '/photos'],
      ['HEAD', '/photos'],
      ['GET', '/photos/'],
      ['GET', '/Photos'],
    ]) {
      expect(matchRoute(only, method as string, path as string)).toBeUndefined();
    }
  });
});

describe('the event', () => {
  const api: HttpApi = {
    id: 'a1b2c3d4e5',
    account: '000000000000',
    region: 'eu-west-1',
    cors: undefined,
    routes: [],
  };
  const facts = {
    requestId: 'JKJaXmPLvHcESHA=',
    traceHeader: 'Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e',
    time: 1583348638390,
  };
  function event(changes: Partial<ArrivedRequest>, key = 'POST /photos') {
    const request = {
      method: 'POST',
      rawPath: '/photos',
      rawQuery: '',
      rawHeaders: [],
      sourceIp: '127.0.0.1',
      body: Buffer.alloc(0),
      ...changes,
    };
    const match = matchRoute([route(key)], request.method, request.rawPath);
    if (!match) throw new Error(`${key} does not match ${request.rawPath}`);
    return eventOf(request, facts, match, api, undefined);
  }

  it('has the form of payload 2.0', () => {
    const rawHeaders = [
      'Host',
      'localhost:3000',
      'X-Two',
      'a',
      'x-two',
      'b',
      'Cookie',
      'one=1; two=2',
      'User-Agent',
      'test',
      'Connection',
      'keep-alive',
    ];
    const got = event(
      { method: 'GET', rawPath: '/photos/1%2F2', rawQuery: 'tag=a&tag=b%20c&empty=&plus=a+b', rawHeaders },
      'GET /photos/{photoId}',
    );
    expect(got).toEqual({
      version: '2.0',
      routeKey: 'GET /photos/{photoId}',
      rawPath: '/photos/1%2F2',
      rawQueryString: 'tag=a&tag=b%20c&empty=&plus=a+b',
      cookies: ['one=1', 'two=2'],
      headers: {
        'content-length': '0',
        host: 'localhost:3000',
        'user-agent': 'test',
        'x-amzn-trace-id': facts.traceHeader,
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-port': '3000',
        'x-forwarded-proto': 'http',
        'x-two': 'a,b',
      },
      queryStringParameters: { tag: 'a,b c', empty: '', plus: 'a b' },
      requestContext: {
        accountId: '000000000000',
        apiId: 'a1b2c3d4e5',
        domainName: 'localhost:3000',
        domainPrefix: 'localhost:3000',
        http: {
          method: 'GET',
          path: '/photos/1%2F2',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'test',
        },
        requestId: 'JKJaXmPLvHcESHA=',
        routeKey: 'GET /photos/{photoId}',
        stage: '$default',
        time: '04/Mar/2020:19:03:58 +0000',
        timeEpoch: 1583348638390,
      },
      pathParameters: { photoId: '1/2' },
      isBase64Encoded: false,
    });
  });

  it.each([
    ['application/json', false],
    ['application/json; charset=utf-8', false],
    ['application/merge-patch+json', false],
    ['text/plain', false],
    ['image/jpeg', true],
    ['image/svg+xml', true],
    ['multipart/form-data; boundary=x', true],
    ['application/octet-stream', true],
    ['application/x-www-form-urlencoded', true],
    ['', true],
  ])('a body of type "%s" is base64: %s', (type, base64) => {
    const body = Buffer.from('{"caption":"Grüße"}');
    const got = event({ body, rawHeaders: type ? ['Content-Type', type] : [] });
    expect(got.isBase64Encoded).toBe(base64);
    expect(Buffer.from(got.body ?? '', base64 ? 'base64' : 'utf8')).toEqual(body);
    expect(got.headers['content-type']).toBe(type || undefined);
  });

  it('drops the header by which serverless-offline would be told who calls', () => {
    const got = event({
      rawHeaders: ['SLS-Offline-Authorizer-Override', '{"jwt":{"claims":{"sub":"someone"}}}'],
    });
    expect(JSON.stringify(got)).not.toContain('someone');
  });
});

describe('the answer to a result', () => {
  const answer = (payload: unknown) => {
    const { body, ...rest } = functionAnswer({ ok: true, payload });
    return { ...rest, body: body.toString() };
  };
  const failed = {
    status: 500,
    headers: { 'content-type': 'application/json' },
    cookies: [],
    body: '{"message":"Internal Server Error"}',
  };

  it('is what a structured result says', () => {
    const payload = {
      statusCode: 201,
      headers: { Location: '/photos/1', 'Content-Length': 99 },
      cookies: ['a=1', 'b=2'],
      body: 'made',
    };
    expect(answer(payload)).toEqual({
      status: 201,
      headers: { 'content-type': 'text/plain; charset=utf-8', location: '/photos/1' },
      cookies: ['a=1', 'b=2'],
      body: 'made',
    });
    expect(answer({ statusCode: 204 })).toEqual({ status: 204, headers: {}, cookies: [], body: '' });
    expect(answer({ statusCode: 200, body: 'AAEC', isBase64Encoded: true }).body).toBe('\u0000\u0001\u0002');
  });

  it('is JSON with status 200 for any other result', () => {
    expect(answer({ status: 'ok' })).toMatchObject({ status: 200, body: '{"status":"ok"}' });
    expect(answer('text')).toMatchObject({ status: 200, body: 'text' });
  });

  it.each([
    { statusCode: 'fine' },
    { statusCode: 99 },
    { statusCode: 200, body: { not: 'text' } },
    { statusCode: 200, cookies: 'a=1' },
  ])('is 500 for %j', (payload) => expect(answer(payload)).toEqual(failed));

  it('is 500 when the function failed, and says nothing of why', () => {
    const error = { errorType: 'TypeError', errorMessage: 'secret', stackTrace: [] };
    expect(functionAnswer({ ok: false, error }).body.toString()).toBe(failed.body);
  });
});

describe('CORS', () => {
  const rules: CorsRules = {
    allowOrigins: ['https://app.example'],
    allowMethods: ['GET', 'POST'],
    allowHeaders: ['authorization'],
    exposeHeaders: ['etag', 'location'],
    allowCredentials: false,
    maxAgeSeconds: 7200,
  };
  const origin = 'https://app.example';

  it('answers a preflight of an allowed origin', () => {
    const headers = { origin, 'access-control-request-method': 'POST' };
    expect(isPreflight('OPTIONS', headers)).toBe(true);
    expect(preflightHeaders(rules, headers)).toEqual({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'authorization',
      'access-control-max-age': '7200',
    });
  });

  it('gives another origin nothing', () => {
    expect(
      preflightHeaders(rules, { origin: 'https://evil.example', 'access-control-request-method': 'GET' }),
    ).toEqual({});
    expect(corsHeaders(rules, 'https://evil.example')).toEqual({});
    expect(corsHeaders(rules, undefined)).toEqual({});
  });

  it('exposes headers on answers, to everybody where everybody may call', () => {
    expect(corsHeaders(rules, origin)).toEqual({
      'access-control-allow-origin': origin,
      'access-control-expose-headers': 'etag,location',
    });
    expect(corsHeaders({ ...rules, allowOrigins: ['*'] }, 'https://any.example')).toMatchObject({
      'access-control-allow-origin': '*',
    });
  });

  it('is no preflight without origin or method', () => {
    expect(isPreflight('OPTIONS', { origin })).toBe(false);
    expect(isPreflight('GET', { origin, 'access-control-request-method': 'GET' })).toBe(false);
  });
});
