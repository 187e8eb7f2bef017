import type { TestProject } from 'vitest/node';
import type { Template } from '../../offline/template/template.ts';
import { compiledTemplate } from '../../scripts/template.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The service's own template, as `npm start` runs it. */
    localTemplate: Template;
  }
}

/** Compiles it once for all files of a run. */
export default async function setup(project: TestProject) {
  project.provide('localTemplate', await compiledTemplate('local'));
}
