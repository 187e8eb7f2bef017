import { alreadyExists, inUse, notFound } from './errors.ts';
import { NOUNS, type Noun } from './nouns.ts';
import { checkQuota } from './quotas.ts';
import type { AnyResource, Common, Details, Kind, Known, ResourceOf } from './resources.ts';
import type { World } from './world.ts';

/** Takes resources in, and finds those that others are made of. */
export class Register {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /**
   * @throws ServiceError ResourceNotFoundException
   */
  known<K extends Kind>(kind: K, arn: string): ResourceOf<K> {
    const resource = this.#world.resources.of(kind, arn);
    if (resource) return resource;
    throw notFound(`${(NOUNS.get(kind) as Noun).singular} not found: ${arn}`);
  }

  /**
   * The resource, if it is there and ready for use.
   * @throws ServiceError ResourceNotFoundException, ResourceInUseException
   */
  active<K extends Kind>(kind: K, arn: string): ResourceOf<K> {
    const { resources } = this.#world;
    const resource = this.known(kind, arn);
    if (resources.isActive(resource)) return resource;
    const { singular } = NOUNS.get(kind) as Noun;
    throw inUse(`${singular} must be ACTIVE, it is ${resources.statusOf(resource)}: ${arn}`);
  }

  /**
   * @param path the resource part of the ARN
   * @param groupArn the dataset group that it is of
   * @throws ServiceError ResourceAlreadyExistsException, LimitExceededException
   */
  put<K extends Kind>(
    kind: K,
    path: string,
    name: string,
    details: Details[K],
    groupArn = '',
  ): ResourceOf<K> {
    const { resources, now } = this.#world;
    const arn = this.#world.arn(path);
    if (resources.find(arn)) throw alreadyExists(arn);
    checkQuota(this.#world, kind, groupArn);
    const common: Common = { arn, name, createdAt: now, updatedAt: now };
    const resource = { ...common, kind, ...details } as unknown as ResourceOf<K>;
    resources.put(resource as Known);
    return resource;
  }
}

/** Members that weren't given are not there, however deep. */
export type Given<Input> = Input extends readonly (infer Each)[]
  ? Given<Each>[]
  : Input extends object
    ? { [Name in keyof Input]: Given<Exclude<Input[Name], undefined>> }
    : Input;

/** What was given, without members that weren't. */
export function given<Input extends object>(input: Input): Given<Input> {
  return JSON.parse(JSON.stringify(input));
}

/** What Create answers. */
export function told({ kind, arn }: AnyResource): Record<string, unknown> {
  return { [(NOUNS.get(kind) as Noun).arnMember]: arn };
}
