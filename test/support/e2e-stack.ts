import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { StackEndpoint } from '../../offline/endpoint-file.ts';
import { startStack } from './stack.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The stack that all end-to-end tests of a run share. */
    e2eStack: { readonly place: StackEndpoint; readonly stateDir: string };
  }
}

/** Starts the packed functions as one stack for a whole run; handlers write all their log lines. */
export default async function setup(project: TestProject) {
  const { packaged } = project.getProvidedContext();
  const stack = await startStack({
    bundles: join(packaged, '.build', 'bundles'),
    args: ['--param=logLevel=INFO'],
  });
  const { place, stateDir } = stack;
  project.provide('e2eStack', { place, stateDir });
  return () => stack.stop();
}
