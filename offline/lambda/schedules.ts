import * as z from 'zod';
import { Activity, type Background } from '../activity.ts';
import type { Timer } from '../clock.ts';
import type { Context, Principal, Resource, Stack } from '../contract.ts';
import { queueNameOf, queueUrl } from '../sqs/names.ts';
import { type NextTime, parseCron } from './cron.ts';
import { sendEvent } from './invoke.ts';

/** Something of the template that fires at times of the clock. */
interface Schedule {
  readonly name: string;
  readonly next: NextTime;
  readonly principal: Principal;
  readonly targets: readonly Target[];
  /** The event of one firing, for targets without an input of their own. */
  readonly event: (time: number) => unknown;
}

interface Target {
  readonly arn: string;
  readonly input?: unknown;
}

const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

const rule = z.object({
  ScheduleExpression: z.string(),
  State: z.string().default('ENABLED'),
  Targets: z
    .array(
      z.object({
        Arn: z.string(),
        Input: z.string().optional(),
        InputPath: z.undefined('is not offered by the local schedules').optional(),
        InputTransformer: z.undefined('is not offered by the local schedules').optional(),
      }),
    )
    .default([]),
});

const schedule = z.object({
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.literal('UTC').default('UTC'),
  State: z.string().default('ENABLED'),
  StartDate: z.undefined('is not offered by the local schedules').optional(),
  EndDate: z.undefined('is not offered by the local schedules').optional(),
  Target: z.object({ Arn: z.string(), Input: z.string().optional() }),
});

export interface Schedules extends Background {
  close(): void;
}

/**
 * Fires the stack's schedules on the clock, from now on: what fell due while nothing ran isn't made up for.
 * Functions are handed the event asynchronously, through Lambda's Invoke.
 * @throws Error naming the schedule that can't be kept
 */
export function startSchedules(context: Context, stack: Stack): Schedules {
  const activity = new Activity();
  const timers = new Map<Schedule, Timer>();
  const arm = (each: Schedule, after: number) => {
    const due = each.next(after);
    if (due === undefined) return;
    const run = () => {
      arm(each, due);
      void activity.during(fire(context, each, due));
    };
    timers.set(each, context.clock.setTimeout(run, due - context.clock.now()));
  };
  for (const each of schedulesOf(context, stack)) arm(each, context.clock.now());
  return {
    get busy() {
      return activity.busy;
    },
    idle: () => activity.idle(),
    close() {
      for (const timer of timers.values()) timer.cancel();
    },
  };
}

/**
 * Reads `rate(5 minutes)`, `cron(...)` or `at(2026-11-22T10:00:00)`.
 * @throws Error that says what was expected
 */
export function parseScheduleExpression(expression: string): NextTime {
  const [, kind, body = ''] = /^(rate|cron|at)\((.*)\)$/.exec(expression.trim()) ?? [];
  if (kind === 'cron') return parseCron(body);
  if (kind === 'rate') {
    const [, count, unit] = /^([1-9]\d*) (minute|hour|day)s?$/.exec(body) ?? [];
    if (count && unit) return (after) => after + Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
  }
  if (kind === 'at' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(body)) {
    const time = Date.parse(`${body}Z`);
    return (after) => (time > after ? time : undefined);
  }
  throw new Error(`expected rate(n minutes|hours|days), cron(...) or at(...), received ${expression}`);
}

function schedulesOf(context: Context, stack: Stack): Schedule[] {
  return stack.resources.flatMap((resource) => {
    try {
      if (resource.type === 'AWS::Scheduler::Schedule') return fromSchedule(resource, context);
      const isRule = resource.type === 'AWS::Events::Rule' && 'ScheduleExpression' in resource.properties;
      return isRule ? fromRule(resource, context) : [];
    } catch (error) {
      const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
      throw new Error(`Schedule ${resource.logicalId}: ${why}`);
    }
  });
}

function fromRule({ name, arn, properties }: Resource, context: Context): Schedule[] {
  const given = rule.parse(properties);
  if (given.State !== 'ENABLED') return [];
  return [
    {
      name,
      next: parseScheduleExpression(given.ScheduleExpression),
      principal: { kind: 'service', name: 'events.amazonaws.com', sourceArn: arn },
      targets: given.Targets.map(({ Arn, Input }) => targetOf(Arn, Input)),
      event: (time) => scheduledEvent('aws.events', arn, {}, time, context),
    },
  ];
}

function fromSchedule({ name, arn, properties }: Resource, context: Context): Schedule[] {
  const given = schedule.parse(properties);
  if (given.State !== 'ENABLED') return [];
  return [
    {
      name,
      next: parseScheduleExpression(given.ScheduleExpression),
      principal: { kind: 'service', name: 'scheduler.amazonaws.com', sourceArn: arn },
      targets: [targetOf(given.Target.Arn, given.Target.Input)],
      event: (time) => scheduledEvent('aws.scheduler', arn, '{}', time, context),
    },
  ];
}

function targetOf(arn: string, input: string | undefined): Target {
  if (!/^arn:aws:(lambda|sqs|states):/.test(arn)) {
    throw new Error(`the target ${arn} is neither a function nor a queue nor a state machine`);
  }
  return input === undefined ? { arn } : { arn, input: JSON.parse(input) };
}

/** The event as EventBridge makes it; its time has whole seconds. */
function scheduledEvent(source: string, arn: string, detail: unknown, time: number, context: Context) {
  return {
    version: '0',
    id: context.random.uuid(),
    'detail-type': 'Scheduled Event',
    source,
    account: context.account,
    time: `${new Date(time).toISOString().slice(0, 19)}Z`,
    region: context.region,
    resources: [arn],
    detail,
  };
}

async function fire(
  context: Context,
  { name, targets, principal, event }: Schedule,
  time: number,
): Promise<void> {
  for (const target of targets) {
    try {
      await send(context, principal, target.arn, target.input ?? event(time));
    } catch (error) {
      const why = error instanceof Error ? error.message : error;
      context.log(`Schedule ${name}: ${target.arn} did not take the event: ${why}`);
    }
  }
}

async function send(context: Context, principal: Principal, arn: string, event: unknown): Promise<void> {
  if (arn.startsWith('arn:aws:lambda:')) {
    await sendEvent(context, principal, { FunctionName: arn, Payload: event });
  } else if (arn.startsWith('arn:aws:sqs:')) {
    const QueueUrl = queueUrl(context, queueNameOf(arn));
    await context.call(principal, 'sqs', 'SendMessage', { QueueUrl, MessageBody: JSON.stringify(event) });
  } else {
    await context.call(principal, 'states', 'StartExecution', {
      stateMachineArn: arn,
      input: JSON.stringify(event),
    });
  }
}
