import type { Background } from '../../../offline/activity.ts';
import type { Engine } from '../../../offline/contract.ts';
import { createS3Engine } from '../../../offline/s3/engine.ts';
import { type TestContext, testContext } from '../../support/context.ts';
import { stackOf } from '../../support/stack.ts';

/** S3 without a gateway, for calls from inside. */
export interface Inside {
  readonly context: TestContext;
  readonly engine: Engine & Background;
  put(Key: string, Body?: string, more?: Record<string, unknown>): Promise<string | undefined>;
  remove(Key: string, VersionId?: string): Promise<void>;
  /** The keys and kinds of all versions, for example `a object`, newest first within a key. */
  versions(): Promise<string[]>;
  stop(): Promise<void>;
}

/** Makes S3 with one bucket, `bucket`, of these properties, and a queue `uploads`. */
export function insideS3(properties: Record<string, unknown>, stateDir?: string): Inside {
  const context = testContext(stateDir);
  const stack = stackOf(context, {
    Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'bucket', ...properties } },
    Uploads: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'uploads' } },
  });
  const engine = createS3Engine(context, stack);
  context.engines.set('s3', engine);
  const Bucket = 'bucket';
  return {
    context,
    engine,
    async put(Key, Body = Key, more = {}) {
      const { VersionId } = await context.ask('s3', 'PutObject', { Bucket, Key, Body, ...more });
      return VersionId as string | undefined;
    },
    async remove(Key, VersionId) {
      await context.ask('s3', 'DeleteObject', { Bucket, Key, VersionId });
    },
    async versions() {
      const listed = await context.ask('s3', 'ListObjectVersions', { Bucket });
      const told = (kind: string, list: unknown) =>
        (list as { Key: string }[]).map(({ Key }) => `${Key} ${kind}`);
      return [...told('object', listed.Versions), ...told('marker', listed.DeleteMarkers)].sort();
    },
    stop: () => context.stop({ remove: stateDir === undefined }),
  };
}
