import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { envSchema } from '../../lib/env.ts';
import { functionsOf, ofType, readTemplate, referenced } from '../support/template.ts';

const folder = inject('packaged');
const template = readTemplate(folder);
const functions = functionsOf(template);

test('the stack stays far from the limit of 500 resources', () => {
  const lambdas = new Map(
    ofType(template, 'AWS::Lambda::Function').map(([id]) => [id.replace('LambdaFunction', ''), 0]),
  );
  for (const id of Object.keys(template.Resources)) {
    const owner = [...lambdas.keys()].find((name) => id.startsWith(name) || ownsRoute(id, name));
    if (owner !== undefined) lambdas.set(owner, (lambdas.get(owner) ?? 0) + 1);
  }
  const total = Object.keys(template.Resources).length;
  console.log(`${total} resources; ${[...lambdas].map(([name, count]) => `${name} ${count}`).join(', ')}`);
  expect(total).toBeLessThan(400);
});

function ownsRoute(id: string, name: string): boolean {
  const { Type, Properties } = template.Resources[id] ?? { Type: '', Properties: {} };
  const integration = `HttpApiIntegration${name}`;
  return (
    id === integration ||
    (Type === 'AWS::ApiGatewayV2::Route' && referenced(Properties.Target) === integration)
  );
}

test('every function has exactly the variables that lib/env.ts reads', () => {
  const expected = Object.keys(envSchema.shape).sort();
  for (const [key, { Properties }] of functions) {
    expect([key, Object.keys(Properties.Environment.Variables).sort()]).toEqual([key, expected]);
  }
});

test('every function runs on Node 24 on ARM, is traced and logs to the group of its kind', () => {
  for (const { Properties } of functions.values()) {
    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      TracingConfig: { Mode: 'Active' },
      LoggingConfig: { LogGroup: `/afterparty/prod/${Properties.Handler.split('/')[1]}` },
    });
  }
});

test('no function reserves concurrency, which new accounts refuse', () => {
  for (const { Properties } of functions.values()) {
    expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
  }
});

test('every log group forgets', () => {
  const groups = ofType(template, 'AWS::Logs::LogGroup');
  expect(groups.length).toBeGreaterThan(0);
  for (const [id, { Properties }] of groups) expect([id, Properties.RetentionInDays]).toEqual([id, 90]);
});

test('buckets are private and refuse what comes without TLS', () => {
  const policies = ofType(template, 'AWS::S3::BucketPolicy');
  for (const [id, { Properties }] of ofType(template, 'AWS::S3::Bucket')) {
    expect([id, Object.values(Properties.PublicAccessBlockConfiguration)]).toEqual([
      id,
      [true, true, true, true],
    ]);
    const policy = policies.find(([, policy]) => referenced(policy.Properties.Bucket) === id)?.[1];
    const [statement] = policy?.Properties.PolicyDocument.Statement ?? [];
    expect(statement).toMatchObject({ Effect: 'Deny', Principal: '*', Action: 's3:*' });
    expect(String(statement.Condition.Bool['aws:SecureTransport'])).toBe('false');
  }
});

test('browsers may use the bucket from where they may use the API', () => {
  const [[, api] = []] = ofType(template, 'AWS::ApiGatewayV2::Api');
  const [rule] = template.Resources.MediaBucket?.Properties.CorsConfiguration.CorsRules ?? [];
  expect(rule.AllowedOrigins).toEqual(api?.Properties.CorsConfiguration.AllowOrigins);
});

test('CloudFormation would accept the template', () => {
  const { CelEngine, TemplateFile }: typeof import('@aws/cloudformation-validate') = createRequire(
    import.meta.url,
  )('@aws/cloudformation-validate');
  const engine = new CelEngine();
  const path = join(folder, '.serverless', 'cloudformation-template-update-stack.json');
  const { diagnostics } = engine.validateStandard(new TemplateFile(path), {
    strict: true,
    severityLevel: 'WARN',
    // The framework says in DependsOn again what a reference says already.
    exclude: { ids: ['W3005'] },
  });
  engine.free();
  expect(diagnostics.map(({ ruleId, message, entity }) => ({ ruleId, message, entity }))).toEqual([]);
});
