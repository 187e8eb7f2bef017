import type { Template, TemplateResource } from '../../offline/template/template.ts';

/** The service's template without one thing that it allows. */
export interface Mutant {
  /** The role, resource policy or Lambda permission, by its logical id. */
  readonly of: string;
  /** What is missing, for example `dynamodb:GetItem`. */
  readonly action: string;
  /** What it was allowed on, as the template says it. */
  readonly on: string;
  readonly template: Template;
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
}

interface Document {
  Statement: Statement[];
}

/** One template for each action of each Allow statement, of roles and of resources, and for each Lambda permission. */
export function* mutantsOf(template: Template): Generator<Mutant> {
  for (const [id, resource] of Object.entries(template.Resources)) {
    if (resource.Type === 'AWS::Lambda::Permission') yield withoutPermission(template, id, resource);
    for (const [place, document] of documentsOf(resource).entries()) {
      for (const [index, { Effect, Action, Resource }] of document.Statement.entries()) {
        if (Effect !== 'Allow') continue;
        for (const action of [Action].flat()) {
          const mutated = structuredClone(template);
          const statements = documentsOf(mutated.Resources[id] as TemplateResource)[place] as Document;
          take(statements, index, action);
          yield { of: id, action, on: shown(Resource), template: mutated };
        }
      }
    }
  }
}

function withoutPermission(template: Template, id: string, { Properties = {} }: TemplateResource): Mutant {
  const { [id]: _, ...Resources } = template.Resources;
  return {
    of: id,
    action: String(Properties.Action),
    on: shown(Properties.FunctionName),
    template: { ...template, Resources },
  };
}

function documentsOf({ Type, Properties = {} }: TemplateResource): Document[] {
  if (Type === 'AWS::IAM::Role') {
    return ((Properties.Policies ?? []) as { PolicyDocument: Document }[]).map(
      (policy) => policy.PolicyDocument,
    );
  }
  return Type.endsWith('Policy') ? [Properties.PolicyDocument as Document] : [];
}

function take(document: Document, index: number, action: string): void {
  const statement = document.Statement[index] as Statement;
  const left = [statement.Action].flat().filter((one) => one !== action);
  if (left.length > 0) document.Statement[index] = { ...statement, Action: left };
  else document.Statement.splice(index, 1);
}

/** `Table.Arn/index/gsi1` for whichever intrinsic function says so. */
function shown(resource: unknown): string {
  const text = JSON.stringify(resource) ?? '';
  return text
    .replace(/\{"Fn::GetAtt":\["(\w+)","(\w+)"\]\}/g, '"$1.$2"')
    .replace(/\{"(?:Ref|Fn::Sub)":("[^"]*")\}/g, '$1')
    .replace(/["[\]{}$]/g, '');
}
