import { randomUUID } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import {
  type Answer,
  type Call,
  type Context,
  type Engine,
  type Need,
  type Resource,
  ServiceError,
  type Stack,
} from '../contract.ts';
import { Journal } from '../journal.ts';
import { parseInput } from '../parse-input.ts';
import { generateSecret, generateSecretString } from './generate.ts';

/** One secret's one version. */
interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly versionId: string;
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

const CODES = { missing: 'InvalidParameterException', invalid: 'InvalidParameterException' };
const getSecretValue = z.object({
  SecretId: z.string().min(1),
  VersionId: z.string().optional(),
  VersionStage: z.string().optional(),
});
const describeSecret = z.object({ SecretId: z.string().min(1) });
const CURRENT = 'AWSCURRENT';

/**
 * Secrets Manager: the stack's secrets, given or generated once and then kept in the state folder.
 * @throws Error where a secret can't be made from what the template says
 */
export function createSecretsEngine(context: Context, stack: Stack): Engine {
  return new SecretsEngine(context, stack);
}

class SecretsEngine implements Engine {
  readonly service = 'secretsmanager';
  readonly #context: Context;
  readonly #secrets = new Map<string, Secret>();
  readonly #journal: Journal<Secret>;

  constructor(context: Context, stack: Stack) {
    this.#context = context;
    const file = join(context.stateDir, 'secretsmanager.jsonl');
    const kept = new Map<string, Secret>();
    this.#journal = Journal.open<Secret>(file, (secret) => kept.set(secret.arn, secret));
    chmodSync(file, 0o600);
    for (const resource of stack.resources) {
      if (resource.type === 'AWS::SecretsManager::Secret') this.#provision(resource, kept.get(resource.arn));
    }
  }

  needs({ operation, input }: Call): Need[] {
    const id = String(input.SecretId ?? '');
    const { region, account } = this.#context;
    const resource =
      this.#find(id)?.arn ??
      (id.startsWith('arn:') ? id : `arn:aws:secretsmanager:${region}:${account}:secret:${id}`);
    return [{ action: `secretsmanager:${operation}`, resource }];
  }

  async handle({ operation, input }: Call): Promise<Answer> {
    if (operation === 'GetSecretValue') return { output: this.#value(input) };
    if (operation === 'DescribeSecret') return { output: this.#description(input) };
    throw new ServiceError(
      'UnknownOperationException',
      `The local Secrets Manager has no ${operation}; it has GetSecretValue, DescribeSecret.`,
    );
  }

  async close(): Promise<void> {
    this.#journal.close();
  }

  /** Keeps a generated secret for ever, a given one for as long as the template gives the same. */
  #provision({ logicalId, arn, name, properties }: Resource, kept: Secret | undefined): void {
    const { SecretString: given, GenerateSecretString: recipe, Description } = properties;
    const stays = kept && (given === undefined || given === kept.value);
    if (stays) {
      this.#secrets.set(arn, kept);
      return;
    }
    const value = given === undefined ? generated(logicalId, recipe ?? {}) : String(given);
    const secret: Secret = {
      arn,
      name,
      description: Description === undefined ? undefined : String(Description),
      versionId: randomUUID(),
      value,
      createdAt: this.#context.clock.now(),
    };
    this.#journal.append(secret);
    this.#secrets.set(arn, secret);
  }

  #value(input: Call['input']): Record<string, unknown> {
    const { SecretId, VersionId, VersionStage = CURRENT } = parseInput(getSecretValue, input, CODES);
    const secret = this.#secret(SecretId);
    if (VersionStage !== CURRENT || (VersionId !== undefined && VersionId !== secret.versionId)) {
      throw new ServiceError(
        'ResourceNotFoundException',
        `Secrets Manager can't find the specified secret value for ${VersionId ?? `staging label: ${VersionStage}`}`,
      );
    }
    return {
      ARN: secret.arn,
      Name: secret.name,
      VersionId: secret.versionId,
      SecretString: secret.value,
      VersionStages: [CURRENT],
      CreatedDate: secret.createdAt / 1000,
    };
  }

  #description(input: Call['input']): Record<string, unknown> {
    const secret = this.#secret(parseInput(describeSecret, input, CODES).SecretId);
    return {
      ARN: secret.arn,
      Name: secret.name,
      Description: secret.description,
      CreatedDate: secret.createdAt / 1000,
      LastChangedDate: secret.createdAt / 1000,
      VersionIdsToStages: { [secret.versionId]: [CURRENT] },
    };
  }

  #secret(id: string): Secret {
    const secret = this.#find(id);
    if (secret) return secret;
    throw new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  }

  /** By name, by ARN, or by ARN without the six characters that AWS puts behind the name. */
  #find(id: string): Secret | undefined {
    return [...this.#secrets.values()].find(
      ({ arn, name }) => id === name || id === arn || id === arn.replace(/-\w{6}$/, ''),
    );
  }
}

function generated(logicalId: string, recipe: unknown): string {
  const parsed = generateSecretString.safeParse(recipe);
  if (!parsed.success) throw new Error(`Secret ${logicalId}: ${z.prettifyError(parsed.error)}`);
  try {
    return generateSecret(parsed.data);
  } catch (error) {
    throw new Error(`Secret ${logicalId}: ${error instanceof Error ? error.message : error}`);
  }
}
