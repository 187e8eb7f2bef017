import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Resource, Stack } from '../contract.ts';

/** A Lambda function of the stack, as the template configures it. */
export interface LambdaFunction {
  /** The function's name in serverless.yml, for example `makeRenditions`. */
  readonly key: string;
  /** The deployed name. */
  readonly name: string;
  readonly arn: string;
  /** For example `functions/api/photos/index.handler`. */
  readonly handler: string;
  readonly runtime: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly logGroup: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Where the code of the functions is. */
export interface CodePlace {
  /** The project's folder; handlers are its `.ts` files. */
  readonly root: string;
  /** A folder of packed bundles, one sub-folder a function, handlers as `.mjs`; takes the sources' place. */
  readonly bundles?: string | undefined;
}

/** Every function that the stack declares. Timeout and memory default as on AWS: 3 s, 128 MB. */
export function functionsOf(stack: Stack): LambdaFunction[] {
  return stack.resources.filter(({ type }) => type === 'AWS::Lambda::Function').map(functionOf);
}

function functionOf({ logicalId, name, arn, properties }: Resource): LambdaFunction {
  const key = logicalId.replace(/LambdaFunction$/, '');
  const { Variables } = (properties.Environment ?? {}) as { Variables?: Record<string, unknown> };
  const { LogGroup } = (properties.LoggingConfig ?? {}) as { LogGroup?: string };
  const variables = Object.entries(Variables ?? {}).map(([name, value]) => [name, String(value)] as const);
  return {
    key: key.charAt(0).toLowerCase() + key.slice(1),
    name,
    arn,
    handler: String(properties.Handler),
    runtime: String(properties.Runtime ?? 'nodejs24.x'),
    timeoutMs: Number(properties.Timeout ?? 3) * 1000,
    memoryMb: Number(properties.MemorySize ?? 128),
    logGroup: LogGroup ?? `/aws/lambda/${name}`,
    environment: Object.fromEntries(variables),
  };
}

/** The module that holds the handler, the name of its export, and the folder that stands for /var/task. */
export function locate({ handler, key }: LambdaFunction, place: CodePlace) {
  const dot = handler.lastIndexOf('.');
  const taskRoot = place.bundles ? join(place.bundles, key) : place.root;
  const file = join(taskRoot, `${handler.slice(0, dot)}${place.bundles ? '.mjs' : '.ts'}`);
  return { module: pathToFileURL(file).href, exportName: handler.slice(dot + 1), taskRoot };
}
