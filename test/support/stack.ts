import type { Context, Stack } from '../../offline/contract.ts';
import { resolveStack } from '../../offline/template/resolve.ts';
import type { TemplateResource } from '../../offline/template/template.ts';

/** The stack `test` with these resources, its intrinsic functions resolved as at `npm start`. */
export function stackOf(
  context: Pick<Context, 'region' | 'account' | 'endpoint'>,
  resources: Readonly<Record<string, TemplateResource>>,
): Stack {
  const { region, account, endpoint } = context;
  return resolveStack({ Resources: resources }, { stackName: 'test', region, account, endpoint });
}
