import { setTimeout as sleep } from 'node:timers/promises';

interface HttpEvent {
  readonly headers: Readonly<Record<string, string>>;
}

/** Answers with the event itself, or does what the header `x-do` asks for. */
export const handler = async (event: HttpEvent): Promise<unknown> => {
  switch (event.headers['x-do']) {
    case 'fail':
      throw new Error('the reason stays inside');
    case 'wait':
      await sleep(10_000);
      return null;
    case 'answer badly':
      return { statusCode: 200, headers: { 'x-broken': 'two\nlines' }, body: 'never seen' };
    case 'answer':
      return { statusCode: 201, headers: { ETag: '"1"' }, cookies: ['a=1', 'b=2'], body: 'made' };
    default:
      return event;
  }
};
