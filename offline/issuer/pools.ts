import * as z from 'zod';
import type { Context, Resource, Stack } from '../contract.ts';
import { notFound } from './errors.ts';

export interface PasswordPolicy {
  readonly minimumLength: number;
  readonly uppercase: boolean;
  readonly lowercase: boolean;
  readonly numbers: boolean;
  readonly symbols: boolean;
  /** How long a password that an administrator gave may be used to sign in, in milliseconds. */
  readonly temporaryMs: number;
}

export interface Pool {
  readonly id: string;
  readonly arn: string;
  /** The part of the id behind the underscore: SRP mixes it into every proof. */
  readonly name: string;
  /** The `iss` claim: where discovery is found, and what `ProviderURL` of the user pool gives. */
  readonly issuer: string;
  readonly caseSensitive: boolean;
  /** `email` or `phone_number` where people sign in with these instead of a name. */
  readonly usernameAttributes: readonly string[];
  /** Verified attributes that people may sign in with besides their name. */
  readonly aliasAttributes: readonly string[];
  readonly autoVerified: readonly string[];
  /** Addresses whose new value counts only once its owner has proved it with a code. */
  readonly verifiedBeforeUpdate: readonly string[];
  readonly required: readonly string[];
  readonly custom: readonly string[];
  readonly immutable: readonly string[];
  readonly policy: PasswordPolicy;
  readonly groups: readonly string[];
}

export interface PoolClient {
  readonly id: string;
  readonly pool: Pool;
  readonly hasSecret: boolean;
  readonly flows: ReadonlySet<string>;
  readonly accessSeconds: number;
  readonly idSeconds: number;
  readonly refreshSeconds: number;
  /** How long a challenge may be answered, in milliseconds. */
  readonly challengeMs: number;
  readonly hidesUsers: boolean;
  readonly revocable: boolean;
  /** Attributes that a user may write through this client; all where undefined. */
  readonly writable: readonly string[] | undefined;
}

export interface Pools {
  readonly pools: readonly Pool[];
  readonly clients: readonly PoolClient[];
}

const DAY_MS = 86_400_000;
const UNIT_SECONDS = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 } as const;
/** What Cognito admits, in seconds, and what it takes where a client names no validity. */
const VALIDITY = {
  AccessToken: { unit: 'hours', least: 300, most: 86_400, otherwise: 3600 },
  IdToken: { unit: 'hours', least: 300, most: 86_400, otherwise: 3600 },
  RefreshToken: { unit: 'days', least: 3600, most: 315_360_000, otherwise: 2_592_000 },
} as const;
/** The attributes that every pool has: OpenID Connect Core 1.0, section 5.1, without `sub`. */
export const STANDARD_ATTRIBUTES: readonly string[] = [
  ...['address', 'birthdate', 'email', 'email_verified', 'family_name', 'gender', 'given_name', 'locale'],
  ...['middle_name', 'name', 'nickname', 'phone_number', 'phone_number_verified', 'picture'],
  ...['preferred_username', 'profile', 'updated_at', 'website', 'zoneinfo'],
];

// CloudFormation hands numbers and booleans on as strings where they come from parameters.
const flag = z.union([z.boolean(), z.stringbool()]);
const number = z.coerce.number().int();
const unit = z.enum(['seconds', 'minutes', 'hours', 'days']);
const names = z.array(z.string());

const poolProperties = z.object({
  UsernameConfiguration: z.object({ CaseSensitive: flag.default(true) }).optional(),
  UsernameAttributes: names.default([]),
  AliasAttributes: names.default([]),
  AutoVerifiedAttributes: names.default([]),
  UserAttributeUpdateSettings: z.object({ AttributesRequireVerificationBeforeUpdate: names }).optional(),
  Schema: z
    .array(z.object({ Name: z.string(), Required: flag.default(false), Mutable: flag.default(true) }))
    .default([]),
  Policies: z
    .object({
      PasswordPolicy: z
        .object({
          MinimumLength: number.min(6).max(99).default(8),
          RequireUppercase: flag.default(false),
          RequireLowercase: flag.default(false),
          RequireNumbers: flag.default(false),
          RequireSymbols: flag.default(false),
          TemporaryPasswordValidityDays: number.min(0).max(365).default(7),
        })
        .optional(),
    })
    .optional(),
  // What would change an answer and is not done here is refused rather than passed over.
  LambdaConfig: z.strictObject({}, 'LambdaConfig is not supported by the local issuer').optional(),
  MfaConfiguration: z
    .enum(['OFF', 'OPTIONAL'], 'MfaConfiguration ON is not supported by the local issuer')
    .optional(),
});

const clientProperties = z.object({
  UserPoolId: z.string(),
  GenerateSecret: flag.default(false),
  ExplicitAuthFlows: names.default(['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_CUSTOM_AUTH']),
  AccessTokenValidity: number.optional(),
  IdTokenValidity: number.optional(),
  RefreshTokenValidity: number.optional(),
  AuthSessionValidity: number.min(3).max(15).default(3),
  TokenValidityUnits: z
    .object({ AccessToken: unit.optional(), IdToken: unit.optional(), RefreshToken: unit.optional() })
    .optional(),
  PreventUserExistenceErrors: z.enum(['ENABLED', 'LEGACY']).default('LEGACY'),
  EnableTokenRevocation: flag.default(true),
  WriteAttributes: names.optional(),
  RefreshTokenRotation: z
    .object({ Feature: z.literal('DISABLED', 'RefreshTokenRotation is not supported by the local issuer') })
    .optional(),
});

/** Reads the user pools, their clients and groups from the template; throws on what is not supported. */
export function readPools(context: Context, stack: Stack): Pools {
  const ofType = (type: string) => stack.resources.filter((resource) => resource.type === type);
  const groups = ofType('AWS::Cognito::UserPoolGroup');
  const pools = ofType('AWS::Cognito::UserPool').map((resource) => readPool(context, resource, groups));
  const clients = ofType('AWS::Cognito::UserPoolClient').map((resource) => readClient(resource, pools));
  return { pools, clients };
}

/** Throws ResourceNotFoundException. */
export function findPool({ pools }: Pools, id: string): Pool {
  const pool = pools.find((candidate) => candidate.id === id);
  if (!pool) throw notFound(`User pool ${id} does not exist.`);
  return pool;
}

/** Throws ResourceNotFoundException. */
export function findClient({ clients }: Pools, id: string): PoolClient {
  const client = clients.find((candidate) => candidate.id === id);
  if (!client) throw notFound(`User pool client ${id} does not exist.`);
  return client;
}

function readPool(context: Context, resource: Resource, groups: readonly Resource[]): Pool {
  const properties = parse(poolProperties, resource);
  const id = resource.physicalId;
  const name = id.split('_')[1];
  if (!name)
    throw new Error(`Expected <region>_<name> as the id of user pool ${resource.logicalId}, received ${id}`);
  const schema = properties.Schema.map((item) => ({
    ...item,
    Name: STANDARD_ATTRIBUTES.includes(item.Name) ? item.Name : `custom:${item.Name}`,
  }));
  return {
    id,
    name,
    arn: resource.arn,
    issuer: `${context.endpoint}/${id}`,
    caseSensitive: properties.UsernameConfiguration?.CaseSensitive ?? true,
    usernameAttributes: properties.UsernameAttributes,
    aliasAttributes: properties.AliasAttributes,
    autoVerified: properties.AutoVerifiedAttributes,
    verifiedBeforeUpdate:
      properties.UserAttributeUpdateSettings?.AttributesRequireVerificationBeforeUpdate ?? [],
    required: schema.filter((item) => item.Required).map((item) => item.Name),
    custom: schema.map((item) => item.Name).filter((attribute) => attribute.startsWith('custom:')),
    immutable: schema.filter((item) => !item.Mutable).map((item) => item.Name),
    policy: readPolicy(properties.Policies?.PasswordPolicy),
    groups: groups.filter((group) => group.properties.UserPoolId === id).map((group) => group.physicalId),
  };
}

/** Without a policy of its own a pool has Cognito's default: eight characters of all four kinds. */
function readPolicy(
  policy: NonNullable<z.infer<typeof poolProperties>['Policies']>['PasswordPolicy'],
): PasswordPolicy {
  return {
    minimumLength: policy?.MinimumLength ?? 8,
    uppercase: policy?.RequireUppercase ?? true,
    lowercase: policy?.RequireLowercase ?? true,
    numbers: policy?.RequireNumbers ?? true,
    symbols: policy?.RequireSymbols ?? true,
    temporaryMs: (policy?.TemporaryPasswordValidityDays ?? 7) * DAY_MS,
  };
}

function readClient(resource: Resource, pools: readonly Pool[]): PoolClient {
  const properties = parse(clientProperties, resource);
  const units = properties.TokenValidityUnits;
  const pool = pools.find((candidate) => candidate.id === properties.UserPoolId);
  if (!pool)
    throw new Error(
      `Expected a user pool of the stack for ${resource.logicalId}, received ${properties.UserPoolId}`,
    );
  return {
    id: resource.physicalId,
    pool,
    hasSecret: properties.GenerateSecret,
    flows: readFlows(properties.ExplicitAuthFlows),
    accessSeconds: validity(resource, 'AccessToken', properties.AccessTokenValidity, units?.AccessToken),
    idSeconds: validity(resource, 'IdToken', properties.IdTokenValidity, units?.IdToken),
    refreshSeconds: validity(resource, 'RefreshToken', properties.RefreshTokenValidity, units?.RefreshToken),
    challengeMs: properties.AuthSessionValidity * 60_000,
    hidesUsers: properties.PreventUserExistenceErrors === 'ENABLED',
    revocable: properties.EnableTokenRevocation,
    writable: properties.WriteAttributes,
  };
}

/** The older names, without ALLOW_, restrict the password flows only. */
function readFlows(flows: readonly string[]): ReadonlySet<string> {
  const older = !flows.some((flow) => flow.startsWith('ALLOW_'));
  return new Set(older ? [...flows, 'ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'] : flows);
}

function validity(
  resource: Resource,
  token: keyof typeof VALIDITY,
  value: number | undefined,
  unit: keyof typeof UNIT_SECONDS = VALIDITY[token].unit,
): number {
  const { least, most, otherwise } = VALIDITY[token];
  if (value === undefined) return otherwise;
  const seconds = value * UNIT_SECONDS[unit];
  if (seconds >= least && seconds <= most) return seconds;
  throw new Error(
    `Expected ${least} to ${most} seconds as ${token}Validity of ${resource.logicalId}, received ${seconds}`,
  );
}

function parse<Schema extends z.ZodType>(schema: Schema, resource: Resource): z.infer<Schema> {
  const result = schema.safeParse(resource.properties);
  if (result.success) return result.data;
  throw new Error(`${resource.type} ${resource.logicalId}: ${z.prettifyError(result.error)}`);
}
