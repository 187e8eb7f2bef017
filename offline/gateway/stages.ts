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
  const engine = stages.engines.get(call.service);
  if (!engine) throw new ServiceError('ServiceUnavailable', `No ${call.service} is running here.`, 503);
  const needs = engine.needs(call);
  let reached = false;
  try {
    stages.permission.check(call, needs);
    return await stages.fault.apply(call, (met) => {
      reached = true;
      return stages.record.note(met, needs, () => engine.handle(met));
    });
  } catch (error) {
    if (!reached) stages.record.noteRefused(call, needs, error);
    throw error;
  }
}
