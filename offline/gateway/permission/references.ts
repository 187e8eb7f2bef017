import type { Resource, Stack } from '../../contract.ts';
import { streamArnOf } from '../../dynamodb/stream-arn.ts';
import { functionsOf } from '../../lambda/function.ts';

/** The types whose `Ref` is their ARN. */
const REF_IS_ARN = new Set([
  'AWS::SNS::Topic',
  'AWS::SecretsManager::Secret',
  'AWS::StepFunctions::StateMachine',
]);

/**
 * How serverless.yml names what an ARN means: `!GetAtt Table.Arn`, `!Sub '${MediaBucket.Arn}/originals/*'`. An
 * object is named by its folder. What isn't in the stack is named by its ARN.
 */
export function referenceTo(arn: string, { resources }: Stack): string {
  const owner = resources.find(
    (resource) => resource.arn !== '' && isWithin(arn, resource) && !isPolicy(resource),
  );
  if (!owner) return `'${arn}'`;
  const { logicalId, type } = owner;
  const rest = arn.slice(owner.arn.length);
  if (rest === '') return REF_IS_ARN.has(type) ? `!Ref ${logicalId}` : `!GetAtt ${logicalId}.Arn`;
  if (type === 'AWS::DynamoDB::Table' && arn === streamArnOf(owner.arn))
    return `!GetAtt ${logicalId}.StreamArn`;
  const part = type === 'AWS::S3::Bucket' ? folderOf(rest) : rest;
  return `!Sub '\${${logicalId}.Arn}${part}'`;
}

function isWithin(arn: string, resource: Resource): boolean {
  return arn === resource.arn || arn.startsWith(`${resource.arn}/`);
}

function isPolicy({ type }: Resource): boolean {
  return type.startsWith('AWS::IAM::');
}

/** `/originals/<id>/<name>` becomes `/originals/*`. */
function folderOf(path: string): string {
  const slash = path.indexOf('/', 1);
  return slash < 0 ? '/*' : `${path.slice(0, slash)}/*`;
}

/** What serverless.yml or resources/ call the resource of this ARN: a function's key, else the logical id. */
export function nameOf(arn: string, stack: Stack): string {
  const lambda = functionsOf(stack).find((each) => each.arn === arn);
  return lambda?.key ?? stack.resources.find((resource) => resource.arn === arn)?.logicalId ?? arn;
}
