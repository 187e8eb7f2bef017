import { readEndpointFile } from '../offline/endpoint-file.ts';
import { readSettings } from '../offline/settings.ts';

/**
 * What clients of the SDK need for the stack that runs on this machine.
 * @throws Error where none runs
 */
export function runningStack() {
  const { stateDir } = readSettings(process.env, new URL('..', import.meta.url).pathname);
  const endpoint = readEndpointFile(stateDir);
  if (!endpoint) throw new Error('Nothing runs here: "npm start" first, or name a stage with --stage.');
  const region = endpoint.poolId.split('_')[0] ?? '';
  return { region, endpoint: endpoint.gateway, credentials: endpoint.developer };
}
