import type { Resource, Stack } from '../contract.ts';
import { type Created, create, type Place } from './attributes.ts';
import { evaluate, evaluateCondition, noValue, type Scope } from './intrinsics.ts';
import { type Template, TemplateError, type TemplateParameter } from './template.ts';

/** Where and with which parameters a template becomes a stack. */
export interface StackSettings extends Place {
  /** Values of the template's parameters; those left out take their defaults. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/**
 * The stack that CloudFormation would create from the template: every intrinsic function resolved,
 * resources whose condition is false left out, names, ids and ARNs as `Ref` and `Fn::GetAtt` give them.
 * Throws a TemplateError that names the place of a reference it can't resolve.
 */
export function resolveStack(template: Template, settings: StackSettings): Stack {
  const resolver = new Resolver(template, settings);
  const present = Object.keys(template.Resources).filter((logicalId) => resolver.exists(logicalId));
  return {
    name: settings.stackName,
    resources: present.map((logicalId) => resolver.resource(logicalId)),
  };
}

class Resolver implements Scope {
  readonly region: string;
  readonly #template: Template;
  readonly #settings: StackSettings;
  readonly #created = new Map<string, Created>();
  readonly #conditions = new Map<string, boolean>();
  /** What is being resolved right now, to tell a circle from a chain. */
  readonly #underWay = new Set<string>();

  constructor(template: Template, settings: StackSettings) {
    this.#template = template;
    this.#settings = settings;
    this.region = settings.region;
  }

  resource(logicalId: string): Resource {
    const where = `Resources.${logicalId}`;
    const { Type, Properties } = this.#declaration(logicalId, where);
    const { name, physicalId, arn } = this.#create(logicalId, where);
    const properties = evaluate(Properties ?? {}, this, `${where}.Properties`) as Record<string, unknown>;
    return { logicalId, type: Type, name, physicalId, arn, properties };
  }

  exists(logicalId: string): boolean {
    const condition = this.#template.Resources[logicalId]?.Condition;
    return condition === undefined || this.condition(condition, `Resources.${logicalId}.Condition`);
  }

  ref(name: string, where: string): unknown {
    const pseudo = this.#pseudoParameters[name];
    if (pseudo !== undefined) return pseudo;
    const parameter = this.#template.Parameters?.[name];
    if (parameter) return parameterValue(name, parameter, this.#settings.parameters?.[name]);
    return this.#create(name, where).physicalId;
  }

  attribute(logicalId: string, attribute: string, where: string): unknown {
    const value = this.#create(logicalId, where).attributes[attribute];
    if (value !== undefined) return value;
    const { Type } = this.#declaration(logicalId, where);
    throw new TemplateError(where, `${Type} ${logicalId} has no attribute ${attribute} that is known here`);
  }

  condition(name: string, where: string): boolean {
    const known = this.#conditions.get(name);
    if (known !== undefined) return known;
    const expression = this.#template.Conditions?.[name];
    if (expression === undefined) throw new TemplateError(where, `there is no condition ${name}`);
    const place = `Conditions.${name}`;
    const truth = this.#once(place, () => evaluateCondition(expression, this, place));
    this.#conditions.set(name, truth);
    return truth;
  }

  mapping(map: string, top: string, second: string, where: string): unknown {
    const value = this.#template.Mappings?.[map]?.[top]?.[second];
    if (value !== undefined) return value;
    throw new TemplateError(where, `there is no ${map}.${top}.${second} in Mappings`);
  }

  #create(logicalId: string, where: string): Created {
    const known = this.#created.get(logicalId);
    if (known) return known;
    const { Type, Properties } = this.#declaration(logicalId, where);
    const property = (name: string) => {
      const value = Properties?.[name];
      if (value === undefined) return undefined;
      const resolved = evaluate(value, this, `Resources.${logicalId}.Properties.${name}`);
      return resolved === noValue ? undefined : String(resolved);
    };
    const resource = this.#once(`Resources.${logicalId}`, () =>
      create(Type, logicalId, property, this.#settings),
    );
    this.#created.set(logicalId, resource);
    return resource;
  }

  #declaration(logicalId: string, where: string) {
    const declaration = this.#template.Resources[logicalId];
    if (!declaration) throw new TemplateError(where, `there is no resource or parameter ${logicalId}`);
    if (this.exists(logicalId)) return declaration;
    throw new TemplateError(where, `${logicalId} is left out because ${declaration.Condition} is false`);
  }

  #once<Result>(place: string, resolve: () => Result): Result {
    if (this.#underWay.has(place)) throw new TemplateError(place, 'refers to itself');
    this.#underWay.add(place);
    try {
      return resolve();
    } finally {
      this.#underWay.delete(place);
    }
  }

  get #pseudoParameters(): Readonly<Record<string, unknown>> {
    const { stackName, region, account } = this.#settings;
    return {
      'AWS::AccountId': account,
      'AWS::NoValue': noValue,
      'AWS::NotificationARNs': [],
      'AWS::Partition': 'aws',
      'AWS::Region': region,
      'AWS::StackId': `arn:aws:cloudformation:${region}:${account}:stack/${stackName}/local`,
      'AWS::StackName': stackName,
      'AWS::URLSuffix': 'amazonaws.com',
    };
  }
}

function parameterValue(name: string, parameter: TemplateParameter, given: string | undefined): unknown {
  const value = given ?? parameter.Default;
  const where = `Parameters.${name}`;
  if (value === undefined) throw new TemplateError(where, 'has no default, and no value was given');
  if (parameter.AllowedValues && !parameter.AllowedValues.map(String).includes(String(value))) {
    const expected = parameter.AllowedValues.join(', ');
    throw new TemplateError(where, `expected one of ${expected}, received ${JSON.stringify(value)}`);
  }
  if (!/^(CommaDelimitedList|List<)/.test(parameter.Type)) return String(value);
  return String(value)
    .split(',')
    .map((item) => item.trim());
}
