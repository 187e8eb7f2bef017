import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { tracer } from '../observe.ts';
import { quickly } from './quickly.ts';

const secrets = tracer.captureAWSv3Client(new SecretsManagerClient(quickly({ requestTimeout: 5_000 })));
const known = new Map<string, Promise<string>>();

/** The secret's text, fetched once per container; a failed fetch is tried again at the next call. */
export function secretText(arn: string): Promise<string> {
  const cached = known.get(arn) ?? fetchSecret(arn);
  known.set(arn, cached);
  cached.catch(() => known.delete(arn));
  return cached;
}

async function fetchSecret(arn: string): Promise<string> {
  const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: arn }));
  if (!SecretString) throw new Error(`Secret ${arn} has no SecretString`);
  return SecretString;
}
