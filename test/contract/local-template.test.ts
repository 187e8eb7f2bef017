import { expect, inject, it } from 'vitest';
import { compiledTemplate } from '../../scripts/template.ts';
import { readTemplate } from '../support/template.ts';

it('the stack that runs locally is made of the template that deploys', async () => {
  const compiled = await compiledTemplate('prod');
  const { Resources } = readTemplate(inject('packaged'));
  expect(withoutCode(compiled.Resources)).toEqual(withoutCode(Resources));
});

/** Where the packed code lies differs with every packing; nothing else may. */
function withoutCode(resources: object): unknown {
  return JSON.parse(JSON.stringify(resources, (name, value) => (name === 'S3Key' ? 'code' : value)));
}
