import { join } from 'node:path';
import type { Background } from '../activity.ts';
import {
  type Answer,
  type Call,
  type Context,
  type Engine,
  type HttpRequest,
  type Resource,
  ServiceError,
  type Stack,
} from '../contract.ts';
import { s3AddressOf } from './address.ts';
import { Blobs } from './blobs.ts';
import { type Bucket, bucketOf, versioningOf } from './bucket.ts';
import type { CopySource } from './copy-source.ts';
import { corsHeaders } from './cors.ts';
import { accessDenied, notImplemented } from './errors.ts';
import { outputOf, payloadOf } from './internal.ts';
import { Lifecycle } from './lifecycle.ts';
import { s3Needs } from './needs.ts';
import { Notifier } from './notifier.ts';
import { listBuckets } from './operations/buckets.ts';
import { operations } from './operations/operations.ts';
import { headersOf, type Reply, type S3Request } from './request.ts';
import { Service } from './service.ts';
import { Store } from './store.ts';
import { renderXml } from './xml.ts';

/**
 * S3 for the stack's buckets. State lives in the folder `s3` of the state folder: a file for each payload,
 * and a journal of everything else that is written before anything is acknowledged. Buckets come from the
 * template alone; one that left the template keeps its objects, out of reach.
 * @param mayList whether the caller may list the call's bucket: who may not isn't told what isn't there
 */
export function createS3Engine(
  shared: Context,
  stack: Stack,
  mayList: (call: Call) => boolean = () => true,
): Engine & Background {
  const context = { ...shared, random: shared.random.fork() };
  const folder = join(context.stateDir, 's3');
  const store = new Store(folder);
  const blobs = new Blobs(join(folder, 'blobs'));
  blobs.sweep(store.blobNames());
  const resources = stack.resources.filter(({ type }) => type === 'AWS::S3::Bucket');
  const buckets = new Map(
    resources.map((resource) => [resource.name, provision(context, store, resource)] as const),
  );
  const notifier = new Notifier(context, store);
  const service = new Service(context, store, blobs, buckets, () => notifier.wake());
  const lifecycle = new Lifecycle(service);
  // Other engines may not be there yet.
  const start = context.clock.setTimeout(() => {
    dropOrphaned(context, store, stack);
    notifier.start();
    lifecycle.start();
  }, 0);

  // Errors too are answered with them: a browser hides an answer without.
  function corsOf({ method, rawPath, headers }: Pick<HttpRequest, 'method' | 'rawPath' | 'headers'>) {
    const bucket = buckets.get(bucketName(rawPath));
    return bucket && method !== 'OPTIONS' ? corsHeaders(bucket.cors, method, headers) : {};
  }

  return {
    service: 's3',
    needs: (call) => s3Needs(call, (source) => hasTags(service, source)),
    async handle(call) {
      const reply = await answer(service, call).catch((error) => {
        const tells = error instanceof ServiceError && error.code === 'NoSuchKey';
        throw tells && !mayList(call) ? accessDenied() : error;
      });
      if (!call.http) return { output: outputOf(reply) };
      return render(reply, corsOf(call.http));
    },
    corsHeaders: corsOf,
    get busy() {
      return notifier.busy;
    },
    idle: () => notifier.idle(),
    async close() {
      start.cancel();
      lifecycle.close();
      await notifier.close();
      await blobs.close();
      store.close();
    },
  };
}

async function answer(service: Service, call: Call): Promise<Reply> {
  if (call.operation === 'ListBuckets') return listBuckets(service);
  const operation = operations[call.operation];
  const request = requestOf(service, call);
  if (operation) return operation(service, request);
  throw notImplemented(call.operation);
}

function requestOf(service: Service, call: Call): S3Request {
  const input = call.input as S3Request['input'];
  const { http } = call;
  const payload = http
    ? { headers: headersOf(http), body: http.body, trailers: http.trailers }
    : payloadOf(call);
  const bucket = service.bucket(input.Bucket ?? '');
  const owner = payload.headers['x-amz-expected-bucket-owner'];
  if (owner !== undefined && owner !== service.context.account) {
    throw accessDenied();
  }
  return { call, bucket, key: input.Key ?? '', input, ...payload };
}

function render({ status, headers, xml, body }: Reply, cors: Record<string, string>): Answer {
  if (!xml) return { status, headers: { ...headers, ...cors }, body };
  const document = renderXml(xml.root, xml.members);
  return { status, headers: { 'content-type': 'application/xml', ...headers, ...cors }, body: document };
}

/** Where the template says nothing of versioning, what PutBucketVersioning said stays. */
function provision(context: Context, store: Store, resource: Resource): Bucket {
  const { name } = resource;
  if (!store.bucket(name)) store.commit({ op: 'bucket', bucket: name, created: context.clock.now() });
  const state = store.bucket(name);
  if (!state) throw new Error(`Bucket ${name} could not be made.`);
  const versioning = versioningOf(resource);
  if (versioning && versioning !== state.versioning) {
    store.commit({ op: 'versioning', bucket: name, versioning });
  }
  return bucketOf(resource, state, context);
}

/** Notifications for queues that have left the template can't ever be delivered. */
function dropOrphaned(context: Context, store: Store, stack: Stack): void {
  const queues = new Set(stack.resources.map(({ arn }) => arn));
  for (const { id, queueArn } of [...store.owed.values()]) {
    if (queues.has(queueArn)) continue;
    context.log(`s3: ${queueArn} has left the template: a notification for it is dropped`);
    store.commit({ op: 'delivered', id });
  }
}

function hasTags(service: Service, { bucket, key, versionId }: CopySource): boolean {
  const known = service.buckets.get(bucket);
  const versions = known ? service.versions(known, key) : [];
  const version =
    versionId === undefined ? versions[0] : versions.find((candidate) => candidate.versionId === versionId);
  return version?.kind === 'object' && Object.keys(version.tags).length > 0;
}

function bucketName(rawPath: string): string {
  try {
    return s3AddressOf('GET', rawPath, '', {}).input.Bucket ?? '';
  } catch {
    return '';
  }
}
