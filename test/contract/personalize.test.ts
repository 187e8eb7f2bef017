import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { EVENT_TYPES } from '../../lib/clicks/click.ts';
import { eventWeight } from '../../lib/recommendations/interactions.ts';
import { INTERACTION_COLUMNS, ITEM_COLUMNS } from '../../lib/training/rows.ts';
import { compiledTemplate } from '../../scripts/template.ts';
import { ofType, readTemplate, referenced, type Template } from '../support/template.ts';

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly TimeoutSeconds?: number;
  readonly Retry?: readonly { readonly ErrorEquals: string[]; readonly MaxAttempts: number }[];
  readonly Catch?: readonly { readonly ErrorEquals: string[]; readonly Next: string }[];
  readonly ItemProcessor?: Scope;
}

interface Scope {
  readonly States: Readonly<Record<string, State>>;
}

interface Statement {
  readonly Action: string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const template = readTemplate(inject('packaged'));
const { Properties: machine } = template.Resources.TrainRecommender as Template['Resources'][string];
const scopes = scopesOf(machine.Definition);
const states = scopes.flatMap(({ States }) => Object.entries(States));
const tasks = states.filter(([, { Type }]) => Type === 'Task');
const SDK = 'arn:aws:states:::aws-sdk:personalize:';

/** The machine's states, and those within each Map. */
function scopesOf(scope: Scope): Scope[] {
  const inner = Object.values(scope.States).flatMap(({ ItemProcessor }) => ItemProcessor ?? []);
  return [scope, ...inner.flatMap(scopesOf)];
}

function statementsOf(role: string): Statement[] {
  return template.Resources[role]?.Properties.Policies[0].PolicyDocument.Statement;
}

describe('the machine that trains', () => {
  test('may do what it does, and nothing else', () => {
    const actions = tasks.map(([, { Resource = '' }]) => {
      if (Resource === 'arn:aws:states:::lambda:invoke') return 'lambda:InvokeFunction';
      expect(Resource.startsWith(SDK)).toBe(true);
      const [first = '', ...rest] = Resource.slice(SDK.length);
      return `personalize:${first.toUpperCase()}${rest.join('')}`;
    });
    const traced = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'];
    const allowed = statementsOf('TrainRecommenderRole').flatMap(({ Action }) => Action);
    expect(new Set(allowed)).toEqual(new Set([...actions, ...traced, 'iam:PassRole']));
  });

  test('passes one role on, and to Personalize alone', () => {
    const passing = statementsOf('TrainRecommenderRole').filter(({ Action }) =>
      Action.includes('iam:PassRole'),
    );
    expect(passing).toMatchObject([
      {
        Resource: { 'Fn::GetAtt': ['RecommenderRole', 'Arn'] },
        Condition: { StringEquals: { 'iam:PassedToService': 'personalize.amazonaws.com' } },
      },
    ]);
    expect(referenced(machine.DefinitionSubstitutions.PersonalizeRoleArn)).toBe('RecommenderRole');
  });

  test.each(tasks)('%s has a timeout, and retries what passes, and nothing else', (_, state) => {
    expect(state.TimeoutSeconds).toBeGreaterThan(0);
    const retried = (state.Retry ?? []).flatMap(({ ErrorEquals }) => ErrorEquals);
    expect(retried).toContain(
      state.Resource?.startsWith(SDK) ? 'Personalize.ThrottlingException' : 'ThrottlingException',
    );
    expect(retried).not.toContain('States.ALL');
  });

  test('asks once for what costs money each time', () => {
    const [[, version] = []] = tasks.filter(([, { Resource }]) => Resource === `${SDK}createSolutionVersion`);
    const retried = (version?.Retry ?? []).flatMap(({ ErrorEquals }) => ErrorEquals);
    for (const ambiguous of ['States.Timeout', 'States.TaskFailed', 'Personalize.SdkClientException']) {
      expect(retried).not.toContain(ambiguous);
    }
  });

  test('catches whatever goes wrong', () => {
    const [outer] = scopes as [Scope];
    for (const [name, { Type, Catch }] of Object.entries(outer.States)) {
      if (Type !== 'Task' && Type !== 'Map') continue;
      expect([name, Catch?.at(-1)]).toEqual([
        name,
        { ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Failed' },
      ]);
    }
  });

  test('outlives its functions', () => {
    for (const [, { Parameters = {}, TimeoutSeconds = 0 }] of tasks) {
      const name = /^\$\{(\w+)\}$/.exec(String(Parameters.FunctionName))?.[1];
      if (!name) continue;
      const lambda = template.Resources[referenced(machine.DefinitionSubstitutions[name]) ?? ''];
      expect(lambda?.Properties.Timeout).toBeLessThan(TimeoutSeconds);
    }
  });

  test('is started once a day, and is over by then', () => {
    const [[, schedule] = []] = ofType(template, 'AWS::Scheduler::Schedule');
    expect(schedule?.Properties.ScheduleExpression).toMatch(/^cron\(\d+ \d+ \* \* \? \*\)$/);
    expect(referenced(schedule?.Properties.Target.Arn)).toBe('TrainRecommender');
    expect(statementsOf('TrainRecommenderScheduleRole')).toMatchObject([
      { Action: ['states:StartExecution'], Resource: { Ref: 'TrainRecommender' } },
    ]);
    expect(machine.Definition.TimeoutSeconds).toBeLessThan(24 * 3_600);
  });
});

test('functions ask for the campaign and the filter that the machine makes', () => {
  const named = (operation: string) => {
    const [[, task] = []] = tasks.filter(([, { Resource }]) => Resource === `${SDK}${operation}`);
    return String(task?.Parameters?.Name).replace(/\$\{Stage\}/, machine.DefinitionSubstitutions.Stage);
  };
  const { Environment } = template.Resources.RecommendationsLambdaFunction?.Properties ?? {};
  const { PERSONALIZE_CAMPAIGN_ARN: campaign, PERSONALIZE_FILTER_ARN: filter } = Environment.Variables;
  expect(campaign['Fn::Sub']).toMatch(new RegExp(`:campaign/${named('createCampaign')}$`));
  expect(filter['Fn::Sub']).toMatch(new RegExp(`:filter/${named('createFilter')}$`));
});

test('nothing is recommended that a person has done something with, of all that Personalize is told', () => {
  const [[, task] = []] = tasks.filter(([, { Resource }]) => Resource === `${SDK}createFilter`);
  const [, list = ''] =
    /^EXCLUDE ItemID WHERE Interactions\.EVENT_TYPE IN \((.*)\)$/.exec(
      String(task?.Parameters?.FilterExpression),
    ) ?? [];
  const told = EVENT_TYPES.filter((type) => eventWeight(type) > 0).map((type) => `"${type}"`);
  expect(list.split(',').sort()).toEqual(told.sort());
});

test.each([
  ['RecommenderInteractionsSchema', INTERACTION_COLUMNS],
  ['RecommenderItemsSchema', ITEM_COLUMNS],
])('what is imported has the columns of %s', (id, columns) => {
  const { fields } = JSON.parse(template.Resources[id]?.Properties.Schema);
  expect(fields.map(({ name }: { name: string }) => name)).toEqual(columns);
});

test('Personalize itself reads imports, puts metrics, and nothing else', () => {
  const role = statementsOf('RecommenderRole').map(({ Action, Resource }) => [Action, Resource]);
  const imports = { 'Fn::Sub': `\${ClicksBucket.Arn}/imports/*` };
  const bucket = { 'Fn::GetAtt': ['ClicksBucket', 'Arn'] };
  expect(role).toEqual([
    [['s3:GetObject'], imports],
    [['s3:ListBucket'], bucket],
    [['cloudwatch:PutMetricData'], '*'],
  ]);
  const statements = template.Resources.ClicksBucketPolicy?.Properties.PolicyDocument.Statement;
  const own = statements.filter(
    ({ Principal }: { Principal: { Service?: string } }) => Principal.Service === 'personalize.amazonaws.com',
  );
  expect(own).toMatchObject([
    { Effect: 'Allow', Action: 's3:GetObject', Resource: imports },
    { Effect: 'Allow', Action: 's3:ListBucket', Resource: bucket },
  ]);
});

describe('without Personalize', () => {
  let off: Template;
  beforeAll(async () => {
    off = (await compiledTemplate('prod', ['personalize=off'])) as Template;
  }, 60_000);

  test('nothing of it is deployed, and functions are told of none', () => {
    const types = Object.values(off.Resources).map(({ Type }) => Type);
    expect(types.filter((type) => type.startsWith('AWS::Personalize::'))).toEqual([]);
    expect(Object.keys(off.Resources)).not.toContain('TrainRecommender');
    const { Environment } = off.Resources.RecommendationsLambdaFunction?.Properties ?? {};
    expect(Environment.Variables).toMatchObject({
      PERSONALIZE_CAMPAIGN_ARN: '',
      PERSONALIZE_FILTER_ARN: '',
      PERSONALIZE_TRACKING_ID: '',
      PERSONALIZE_ITEMS_ARN: '',
    });
  });

  test('the policy of the bucket is what is left without Personalize', () => {
    const statementsIn = ({ Resources }: Template) =>
      Resources.ClicksBucketPolicy?.Properties.PolicyDocument.Statement as { Principal: unknown }[];
    expect(statementsIn(off)).toEqual(
      statementsIn(template).filter(({ Principal }) => !JSON.stringify(Principal).includes('personalize')),
    );
  });

  test('CloudFormation would accept the template', () => {
    const folder = mkdtempSync(join(tmpdir(), 'afterparty-template-'));
    const path = join(folder, 'template.json');
    writeFileSync(path, JSON.stringify(off));
    const { CelEngine, TemplateFile }: typeof import('@aws/cloudformation-validate') = createRequire(
      import.meta.url,
    )('@aws/cloudformation-validate');
    const engine = new CelEngine();
    const { diagnostics } = engine.validateStandard(new TemplateFile(path), {
      strict: true,
      severityLevel: 'WARN',
      // The framework says in DependsOn again what a reference says already.
      exclude: { ids: ['W3005'] },
    });
    engine.free();
    rmSync(folder, { recursive: true });
    expect(diagnostics.map(({ ruleId, message, entity }) => ({ ruleId, message, entity }))).toEqual([]);
  });
});
