import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arnOf, lambdaFunction, mapping, startWoken } from '../../support/woken.ts';

interface QueueEvent {
  Records: { messageId: string; body: string }[];
}

/** What happens next: messages are published, time passes, or everything is stopped and started again. */
type Step =
  | { readonly kind: 'publish'; readonly count: number }
  | { readonly kind: 'pass'; readonly seconds: number }
  | { readonly kind: 'restart' };

const steps = fc.array(
  fc.oneof<[fc.Arbitrary<Step>, fc.Arbitrary<Step>, fc.Arbitrary<Step>]>(
    fc.record({ kind: fc.constant('publish'), count: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ kind: fc.constant('pass'), seconds: fc.integer({ min: 1, max: 120 }) }),
    fc.record({ kind: fc.constant('restart') }),
  ),
  { minLength: 3, maxLength: 12 },
);

const RESOURCES = {
  Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'topic' } },
  Jobs: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'jobs', VisibilityTimeout: 60 } },
  Subscription: {
    Type: 'AWS::SNS::Subscription',
    Properties: {
      TopicArn: { Ref: 'Topic' },
      Protocol: 'sqs',
      Endpoint: arnOf('Jobs'),
      RawMessageDelivery: true,
    },
  },
  Work: lambdaFunction('work'),
  WorkOnJobs: mapping(arnOf('Jobs'), 'Work', { FunctionResponseTypes: ['ReportBatchItemFailures'] }),
};

test('every message published is delivered at least once, and never again once it is acknowledged', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.infiniteStream(fc.integer({ min: 0, max: 3 })), async (plan, fates) => {
      const sent = new Set<string>();
      const acknowledged = new Set<string>();
      const twice: string[] = [];
      // 0 throws, 1 reports every second message as failed, 2 and 3 succeed.
      const work = (event: QueueEvent) => {
        const fate = fates.next().value as number;
        twice.push(...event.Records.map(({ body }) => body).filter((body) => acknowledged.has(body)));
        if (fate === 0) throw new Error('down');
        const failed = event.Records.filter((_, at) => fate === 1 && at % 2 === 0);
        for (const record of event.Records) if (!failed.includes(record)) acknowledged.add(record.body);
        return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
      };
      let stack = startWoken(RESOURCES, { work });
      for (const step of plan) {
        if (step.kind === 'pass') await stack.pass(step.seconds * 1000, 20_000);
        if (step.kind === 'publish') {
          for (let count = 0; count < step.count; count++) {
            const Message = `message ${sent.size}`;
            await stack.context.ask('sns', 'Publish', {
              TopicArn: 'arn:aws:sns:eu-west-1:000000000000:topic',
              Message,
            });
            sent.add(Message);
          }
        }
        if (step.kind === 'restart') {
          await stack.stop({ remove: false });
          stack = startWoken(RESOURCES, { work }, stack.context.stateDir);
        }
      }
      // Six failures in a row have a chance of one in 4 096; two hours hold 120 attempts.
      await stack.pass(7_200_000, 60_000);
      await stack.stop();
      expect([...acknowledged].sort()).toEqual([...sent].sort());
      expect(twice).toEqual([]);
    }),
    { numRuns: 25 },
  );
});
