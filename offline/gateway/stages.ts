import { type Answer, type Call, type Engine, ServiceError, type ServiceName } from '../contract.ts';
import type { Fault } from './fault.ts';
import type { Permission } from './permission.ts';
import type { CallRecord } from './record.ts';

/** What stands behind identity. */
export interface Stages {
  readonly permission: Permission;
  readonly fault: Fault;
  readonly record: CallRecord;
  readonly engines: ReadonlyMap<ServiceName, Engine>;
}

/**
 * Takes a call of a known principal through permission, fault, record and engine. What permission or fault
 * turn away is recorded too.
 * @throws ServiceError what a stage or the engine answered
 */
export async function passStages(call: Call, stages: Stages): Promise<Answer> {
  const { permission, fault, record } = stages;
  const engine = stages.engines.get(call.service);
  if (!engine) throw new ServiceError('ServiceUnavailable', `No ${call.service} is running here.`, 503);
  const needs = engine.needs(call);
  let reached = false;
  const next = (met: Call) => {
    reached = true;
    return record.note(met, needs, () => engine.handle(met), fault.metBy?.(call));
  };
  try {
    permission.check(call, needs);
    return await fault.apply(call, next, needs);
  } catch (error) {
    if (!reached) record.noteRefused(call, needs, error, fault.metBy?.(call));
    throw error;
  }
}
