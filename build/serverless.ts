/** The part of the Serverless Framework that the plugins of this folder touch. */
export interface Serverless {
  readonly serviceDir: string;
  readonly service: {
    readonly service: string;
    readonly functions: Record<string, FunctionConfig>;
    resources: { Resources: Record<string, unknown> };
  };
  readonly configSchemaHandler: {
    defineFunctionProperties(provider: string, schema: object): void;
  };
  getProvider(name: 'aws'): { getStage(): string; getRegion(): string };
}

export interface FunctionConfig {
  handler: string;
  role?: string;
  disableLogs?: boolean;
  logs?: object;
  access?: Access[];
  events: Record<string, unknown>[];
  package?: { individually?: boolean; artifact?: string };
}

/** One statement of a function's role, written next to the function in serverless.yml. */
export interface Access {
  readonly actions: string[];
  /** An ARN or several, mostly intrinsic functions. */
  readonly on: unknown;
  /** IAM conditions, if the right is narrower than action and resource can say. */
  readonly when?: object;
}

export type Hooks = Record<string, () => void | Promise<void>>;
