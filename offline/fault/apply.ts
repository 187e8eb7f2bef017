import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Clock } from '../clock.ts';
import type { Answer, Call } from '../contract.ts';
import { ConnectionDropped } from '../gateway/fault.ts';
import type { Random } from '../random.ts';
import type { Effect } from './effect.ts';
import { conflict, failure, throttle } from './errors.ts';
import { partly } from './partial.ts';

type Next = (call: Call) => Promise<Answer>;

interface Means {
  readonly clock: Clock;
  /** Of this meeting alone. */
  readonly random: Random;
  /** Ends the workers in which a function, by its deployed name, is at work. */
  readonly crash: (functionName: string) => Promise<void>;
}

/** Lets `effect` happen to the call. */
export async function applyEffect(
  effect: Effect,
  call: Call,
  next: Next,
  { clock, random, crash }: Means,
): Promise<Answer> {
  switch (effect.kind) {
    case 'delay': {
      const ms = effect.minMs + random.integer(effect.maxMs - effect.minMs + 1);
      if (effect.when === 'before') await clock.sleep(ms, call.signal);
      const answer = await next(call);
      if (effect.when === 'after') await clock.sleep(ms, call.signal);
      return answer;
    }
    case 'duplicate':
      return await twice(call, next);
    case 'drop':
      if (effect.when === 'after') discard(await next(call));
      throw new ConnectionDropped(`The connection broke ${effect.when} ${call.operation}.`);
    case 'crash':
      if (call.principal.kind !== 'function') return await next(call);
      if (effect.when === 'after') discard(await next(call));
      await crash(call.principal.name);
      throw new ConnectionDropped(`The worker was ended ${effect.when} ${call.operation}.`);
    case 'throttle':
      throw throttle(call);
    case 'fail':
      throw failure(call, effect.status);
    case 'conflict':
      throw conflict(call);
    case 'partial':
      return await partly(call, effect.share, random, next);
    case 'stale':
      return await next({ ...call, weakness: { ...call.weakness, staleMs: effect.ms } });
    case 'unordered':
      return await next({ ...call, weakness: { ...call.weakness, unordered: true } });
    case 'redelivered':
      return await next({ ...call, weakness: { ...call.weakness, redelivered: true } });
  }
}

/** The second time doesn't matter to the caller: it hears of the first, an error included. */
async function twice(call: Call, next: Next): Promise<Answer> {
  const again = await repeatable(call);
  const first = await settled(next(again()));
  const second = await settled(next(again()));
  if (second.answer) discard(second.answer);
  if (first.answer) return first.answer;
  throw first.error;
}

async function settled(running: Promise<Answer>): Promise<{ answer?: Answer; error?: unknown }> {
  try {
    return { answer: await running };
  } catch (error) {
    return { error };
  }
}

/** A payload can be read once only, so it is kept: the local AWS has the memory for what a test uploads. */
async function repeatable(call: Call): Promise<() => Call> {
  const { http } = call;
  if (!http) return () => call;
  const payload = await buffer(http.body);
  return () => ({ ...call, http: { ...http, body: Readable.from([payload], { objectMode: false }) } });
}

function discard(answer: Answer): void {
  if ('body' in answer && answer.body instanceof Readable) answer.body.destroy();
}
