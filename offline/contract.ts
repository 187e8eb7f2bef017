import type { Readable } from 'node:stream';
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

/** The services that answer behind the gateway. */
export type ServiceName =
  | 's3'
  | 'dynamodb'
  | 'dynamodbstreams'
  | 'sqs'
  | 'sns'
  | 'lambda'
  | 'cognito-idp'
  | 'secretsmanager'
  | 'states'
  | 'firehose'
  | 'personalize';

/** Who makes a call, as the identity stage found out. */
export type Principal =
  | { readonly kind: 'function'; readonly name: string; readonly arn: string }
  | { readonly kind: 'service'; readonly name: string; readonly sourceArn: string }
  | { readonly kind: 'developer'; readonly arn: string }
  | { readonly kind: 'anonymous' };

/** An HTTP request as it arrived: nothing in it is decoded but the body's transfer encoding. */
export interface HttpRequest {
  readonly method: string;
  /** The path as sent, before the question mark, still percent-encoded. */
  readonly rawPath: string;
  /** The query as sent, without the question mark; empty where there is none. */
  readonly rawQuery: string;
  /** Names in lower case; repeated headers joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The payload's bytes. aws-chunked framing is already taken off; a signature, length or SHA-256 that does
   * not match makes the stream end with a ServiceError, so nothing may be committed before its end.
   */
  readonly body: Readable;
  /** Trailing headers of an aws-chunked body; complete once `body` has ended. */
  readonly trailers: Readonly<Record<string, string>>;
}

/** One right that a call needs, as IAM names it. */
export interface Need {
  /** For example `s3:PutObject`. */
  readonly action: string;
  readonly resource: string;
}

/** One call of one AWS operation. */
export interface Call {
  readonly id: string;
  readonly principal: Principal;
  readonly service: ServiceName;
  /** AWS's name of the operation, for example `PutObject`. */
  readonly operation: string;
  /**
   * What the operation was asked, in the members' names of the AWS API. For S3 it holds what the address
   * names (`Bucket`, `Key`, `VersionId`, `UploadId`, ...); headers and body are in `http`.
   */
  readonly input: Readonly<Record<string, unknown>>;
  /** Present for S3 calls over the wire only. */
  readonly http?: HttpRequest;
  /** Aborts when the client has gone away. */
  readonly signal: AbortSignal;
  /** What AWS does now and then, and this call shall meet; set by the fault stage only. */
  readonly weakness?: Weakness;
}

/** What AWS reserves the right to do. An engine heeds what its operation allows and ignores the rest. */
export interface Weakness {
  /** DynamoDB: eventually consistent reads, and any read of an index, answer as of so many ms ago. */
  readonly staleMs?: number;
  /** SQS ReceiveMessage: messages come in any order. */
  readonly unordered?: boolean;
  /** SQS ReceiveMessage: what is handed out stays visible, so it is delivered again. */
  readonly redelivered?: boolean;
}

/** What an engine answers: members for JSON and query protocols, or a finished HTTP answer (S3, discovery). */
export type Answer =
  | { readonly output: Readonly<Record<string, unknown>> }
  | {
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Readable | Buffer | string | undefined;
    };

/** One AWS service. It holds state and rules only; protocols, identity and permissions are the gateway's. */
export interface Engine {
  readonly service: ServiceName;
  /** Which rights the call needs and on which ARNs: for the permission stage and the record. */
  needs(call: Call): Need[];
  handle(call: Call): Promise<Answer>;
  /**
   * Headers that let a browser read the answer to this request. The gateway adds them to what it refuses
   * itself, as a page couldn't tell a refusal from a broken network otherwise.
   */
  corsHeaders?(
    request: Pick<HttpRequest, 'method' | 'rawPath' | 'headers'>,
  ): Readonly<Record<string, string>>;
  /** Stops timers and waits for what is under way. */
  close(): Promise<void>;
}

/** An error as AWS answers it. The gateway renders it in the form of the caller's protocol. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: string;
  readonly status: number;
  /** Further members of the error's body, for example `CancellationReasons`. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.members = members;
  }
}

/**
 * A call from inside: S3 notifying a queue, SNS delivering, an event source mapping polling. It passes the
 * permission, fault and record stages like any other. Throws the ServiceError that the engine answered.
 */
export type InternalCall = (
  principal: Principal,
  service: ServiceName,
  operation: string,
  input: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
) => Promise<Record<string, unknown>>;

/** What every engine is given. */
export interface Context {
  readonly clock: Clock;
  readonly random: Random;
  readonly region: string;
  /** Twelve digits. */
  readonly account: string;
  /** The gateway's address, `http://127.0.0.1:<port>`; queue URLs begin with it. */
  readonly endpoint: string;
  /** The folder that keeps state; an engine uses the sub-folder or file named after its service. */
  readonly stateDir: string;
  /** How far back, in ms, a Weakness may reach: engines keep what they need for it. 0 unless faults ask for it. */
  readonly hindsightMs: number;
  readonly call: InternalCall;
  /** One line for the person at the terminal; used sparingly. */
  readonly log: (line: string) => void;
}

/** One resource of the compiled template, with every intrinsic function resolved. */
export interface Resource {
  readonly logicalId: string;
  /** For example `AWS::SQS::Queue`. */
  readonly type: string;
  /** What `Ref` gives: a name, URL or ARN, as CloudFormation documents it for the type. */
  readonly physicalId: string;
  /** The resource's name: of the bucket, table, queue, topic, function, role ... */
  readonly name: string;
  readonly arn: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The service as it deploys: the compiled CloudFormation template with its intrinsics resolved. */
export interface Stack {
  readonly name: string;
  readonly resources: readonly Resource[];
}

/** What a handler came to. `error` has the shape that Lambda reports. */
export type Invocation =
  | { readonly ok: true; readonly payload: unknown }
  | {
      readonly ok: false;
      readonly error: {
        readonly errorType: string;
        readonly errorMessage: string;
        readonly stackTrace: string[];
      };
    };

/** The workers that run the handlers, one event a worker. */
export interface FunctionPool {
  /** `functionName` is the deployed name, for example `afterparty-local-photos`. */
  invoke(
    functionName: string,
    event: unknown,
    trace?: { readonly traceHeader?: string },
  ): Promise<Invocation>;
  close(): Promise<void>;
}
