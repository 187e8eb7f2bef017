import type { FirehoseTransformationHandler } from 'aws-lambda';
import { shaped } from '../../lib/clicks/shape.ts';

/** ClicksStream: lines of the clickstream on their way to the bucket. */
export const handler: FirehoseTransformationHandler = async ({ records }) => ({
  records: records.map(shaped),
});
