import type { LambdaFunction } from './function.ts';

/** The function's own temporary key, as its role would hand it out. */
export interface FunctionKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Where the stack's services are reached. */
export interface Surroundings {
  readonly region: string;
  /** The gateway's address. */
  readonly endpoint: string;
  /** `host:port` where trace segments go, by UDP. */
  readonly traceDaemon: string;
}

/**
 * The whole environment of a function: what the template gives it and what Lambda sets by itself, plus the
 * address of the services. Nothing of the machine's own environment is in it.
 * Source of Lambda's own: Lambda Developer Guide, "Defined runtime environment variables".
 */
export function environmentOf(
  lambda: LambdaFunction,
  key: FunctionKey,
  taskRoot: string,
  logStream: string,
  surroundings: Surroundings,
): Record<string, string> {
  return {
    ...lambda.environment,
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_DEFAULT_REGION: surroundings.region,
    AWS_ENDPOINT_URL: surroundings.endpoint,
    AWS_EXECUTION_ENV: `AWS_Lambda_${lambda.runtime}`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(lambda.memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: lambda.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: lambda.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
    AWS_REGION: surroundings.region,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    AWS_SESSION_TOKEN: key.sessionToken,
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
    AWS_XRAY_DAEMON_ADDRESS: surroundings.traceDaemon,
    LAMBDA_TASK_ROOT: taskRoot,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    _HANDLER: lambda.handler,
  };
}
