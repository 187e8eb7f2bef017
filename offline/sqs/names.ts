import type { Context } from '../contract.ts';

type Place = Pick<Context, 'endpoint' | 'region' | 'account'>;

/** A queue's name from its URL (whatever host and port it was made with) or from its ARN. */
export function queueNameOf(urlOrArn: string): string {
  return urlOrArn.slice(Math.max(urlOrArn.lastIndexOf('/'), urlOrArn.lastIndexOf(':')) + 1);
}

export function queueUrl(place: Place, name: string): string {
  return `${place.endpoint}/${place.account}/${name}`;
}

export function queueArn(place: Place, name: string): string {
  return `arn:aws:sqs:${place.region}:${place.account}:${name}`;
}
