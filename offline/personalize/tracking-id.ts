import { createHash } from 'node:crypto';

/** The tracking ID of an event tracker that a template declares: a UUID that follows from its ARN. */
export function trackingIdOf(trackerArn: string): string {
  const hex = createHash('sha256').update(trackerArn).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
