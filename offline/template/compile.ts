import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Template } from './template.ts';

/** The parts of a loaded Serverless Framework instance that compiling needs. */
export interface ServerlessInstance {
  readonly service: {
    readonly provider: { compiledCloudFormationTemplate?: Template };
    package: Record<string, unknown>;
    getAllFunctions(): string[];
    getFunction(key: string): { package?: Record<string, unknown> };
  };
  readonly pluginManager: {
    readonly hooks: Readonly<Record<string, readonly { readonly hook: () => unknown }[] | undefined>>;
  };
}

/** The steps of `serverless package` that build the template; none of them reads a function's code. */
const steps = [
  'package:initialize',
  'package:setupProviderConfiguration',
  'package:compileLayers',
  'package:compileFunctions',
  'package:compileEvents',
  'aws:package:finalize:mergeCustomProviderResources',
  'aws:package:finalize:stripNullPropsFromTemplateResources',
];

/**
 * The CloudFormation template that `serverless package` would write for the loaded service, without packing
 * anything: it differs only in the code's S3Key, version hashes and export names. The service is as before
 * afterwards.
 */
export async function compileTemplate(serverless: ServerlessInstance): Promise<Template> {
  const { service, pluginManager } = serverless;
  const functions = service.getAllFunctions().map((key) => service.getFunction(key));
  const packages = functions.map((definition) => definition.package);
  const servicePackage = { ...service.package };
  const folder = await mkdtemp(join(tmpdir(), 'template-'));
  const artifact = join(folder, 'empty.zip');
  try {
    await writeFile(artifact, '');
    for (const definition of functions) definition.package = { individually: true, artifact };
    for (const step of steps) {
      for (const name of [`before:${step}`, step, `after:${step}`]) {
        for (const { hook } of pluginManager.hooks[name] ?? []) await hook();
      }
    }
    return structuredClone(service.provider.compiledCloudFormationTemplate as Template);
  } finally {
    for (const [index, definition] of functions.entries()) restorePackage(definition, packages[index]);
    service.package = servicePackage;
    await rm(folder, { recursive: true, force: true });
  }
}

function restorePackage(
  definition: { package?: Record<string, unknown> },
  before: Record<string, unknown> | undefined,
): void {
  if (before) definition.package = before;
  else delete definition.package;
}
