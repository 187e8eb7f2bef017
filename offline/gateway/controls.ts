import type { Clock } from '../clock.ts';
import { type Engine, ServiceError, type ServiceName } from '../contract.ts';
import type { ControlDoor } from './control.ts';
import type { CallRecord } from './record.ts';

/** What the gateway's own controls reach. */
export interface Controlled {
  readonly clock: Clock;
  readonly record: CallRecord;
  readonly engines: ReadonlyMap<ServiceName, Engine>;
}

/**
 * Adds the controls every gateway has:
 * `GET health` -> `{status, now, services}`; `GET record?after=<seq>` -> `{calls}`;
 * `POST clock {advanceMs}` -> `{now}`, once everything that fell due has run.
 */
export function addControls(door: ControlDoor, { clock, record, engines }: Controlled): void {
  const now = () => new Date(clock.now()).toISOString();
  door.add('/_afterparty/health', () => ({ status: 'ok', now: now(), services: [...engines.keys()] }));
  door.add('/_afterparty/record', ({ query }) => {
    const after = Number(query.get('after') ?? 0);
    if (!Number.isInteger(after)) {
      throw new ServiceError(
        'BadRequest',
        `after must be a sequence number, got "${query.get('after')}".`,
        400,
      );
    }
    return { calls: record.read(after) };
  });
  door.add('/_afterparty/clock', async ({ method, body }) => {
    if (method === 'POST') await clock.advance(advanceMs(body));
    return { now: now() };
  });
}

function advanceMs(body: unknown): number {
  const ms = typeof body === 'object' && body !== null && 'advanceMs' in body ? body.advanceMs : undefined;
  if (typeof ms === 'number' && Number.isFinite(ms) && ms >= 0) return ms;
  throw new ServiceError(
    'BadRequest',
    `advanceMs must be a number of milliseconds from 0, got ${JSON.stringify(ms)}.`,
    400,
  );
}
