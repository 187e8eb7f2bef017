import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { LocalAws } from './local-aws.ts';

/** Where a running stack is found, and as whom: what tools on this machine need to call it. */
const endpointShape = z.object({
  /** The gateway: AWS's services. */
  gateway: z.url(),
  /** The API of the product. */
  api: z.url(),
  poolId: z.string(),
  clientId: z.string(),
  developer: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
});

export type StackEndpoint = z.infer<typeof endpointShape>;

/** What a running stack says of itself; `api` is the address its API answers at. */
export function endpointOf({ endpoint, gateway, stack }: LocalAws, api: string): StackEndpoint {
  const idOf = (type: string) => stack.resources.find((resource) => resource.type === type)?.physicalId ?? '';
  const { accessKeyId, secretAccessKey } = gateway.credentials.developer;
  return {
    gateway: endpoint,
    api,
    poolId: idOf('AWS::Cognito::UserPool'),
    clientId: idOf('AWS::Cognito::UserPoolClient'),
    developer: { accessKeyId, secretAccessKey },
  };
}

/** Leaves the endpoint in the state folder, for its owner only. Returns what takes it away again. */
export function writeEndpointFile(stateDir: string, endpoint: StackEndpoint): () => void {
  const file = fileIn(stateDir);
  mkdirSync(stateDir, { recursive: true });
  writeFileSync(`${file}.next`, `${JSON.stringify(endpoint, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.next`, file);
  return () => rmSync(file, { force: true });
}

/** The stack that runs with this state folder; undefined where none does. A killed one leaves its file behind. */
export function readEndpointFile(stateDir: string): StackEndpoint | undefined {
  try {
    return endpointShape.parse(JSON.parse(readFileSync(fileIn(stateDir), 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function fileIn(stateDir: string): string {
  return join(stateDir, 'endpoint.json');
}
