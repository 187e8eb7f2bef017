/** What a worker is told when it starts. */
export interface WorkerStart {
  /** The clock's offset in milliseconds: one Float64. */
  readonly clockOffset: SharedArrayBuffer;
  /** The URL of the module that holds the handler. */
  readonly module: string;
  readonly exportName: string;
  readonly handler: string;
}

/** One event for a worker. */
export interface WorkerEvent {
  /** JSON, as Lambda hands it over. */
  readonly event: string;
  readonly requestId: string;
  readonly traceHeader: string;
  readonly timeoutMs: number;
  readonly context: {
    readonly functionName: string;
    readonly invokedFunctionArn: string;
    readonly memoryLimitInMB: string;
    readonly logGroupName: string;
    readonly logStreamName: string;
  };
}

/** An error in the shape that Lambda reports. */
export interface ReportedError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stackTrace: string[];
}

/** What a worker says: its handler is loaded, an event is done, or it can't go on. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'result'; readonly payload: string }
  | { readonly kind: 'error'; readonly error: ReportedError }
  | { readonly kind: 'fatal'; readonly error: ReportedError };
