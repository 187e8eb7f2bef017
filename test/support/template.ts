import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CfnResource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: what CloudFormation knows is too much to type, and tests look at it
  readonly Properties: Record<string, any>;
  readonly DependsOn?: string[] | string;
}

export interface Template {
  readonly Resources: Record<string, CfnResource>;
}

/** The CloudFormation template of a folder that the service was packed in. */
export function readTemplate(folder: string): Template {
  const path = join(folder, '.serverless', 'cloudformation-template-update-stack.json');
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** All resources of a type, by logical id. */
export function ofType({ Resources }: Template, type: string): [string, CfnResource][] {
  return Object.entries(Resources).filter(([, { Type }]) => Type === type);
}

/** The logical id that a Ref or GetAtt names, wherever in `value` it stands first. */
export function referenced(value: unknown): string | undefined {
  const text = JSON.stringify(value) ?? '';
  const match = /"Ref":"(\w+)"|"Fn::GetAtt":\["(\w+)"|\$\{(\w+)\.?\w*\}/.exec(text);
  return match?.[1] ?? match?.[2] ?? match?.[3];
}

/** The functions by their keys in serverless.yml. */
export function functionsOf(template: Template): Map<string, CfnResource> {
  return new Map(
    ofType(template, 'AWS::Lambda::Function').map(([, resource]) => [
      String(resource.Properties.FunctionName).split('-').at(-1) ?? '',
      resource,
    ]),
  );
}
