import * as z from 'zod';

/** Every variable that a function reads, as `provider.environment` in serverless.yml gives it. */
export const envSchema = z.object({
  STAGE: z.string().min(1),
  TABLE_NAME: z.string().min(1),
  MEDIA_BUCKET: z.string().min(1),
  ACTIVITY_TOPIC_ARN: z.string().startsWith('arn:'),
  FEED_QUEUE_URL: z.url(),
  INBOX_QUEUE_URL: z.url(),
  FILTER_PHOTO_ARN: z.string().startsWith('arn:'),
  FILTER_BATCH_ARN: z.string().startsWith('arn:'),
  CURSOR_SECRET_ARN: z.string().startsWith('arn:'),
  COGNITO_ISSUER: z.url(),
  COGNITO_CLIENT_ID: z.string().min(1),
  LOG_LEVEL: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']),
  POWERTOOLS_SERVICE_NAME: z.string().min(1),
  POWERTOOLS_METRICS_NAMESPACE: z.string().min(1),
});

/** The environment, parsed at cold start: a missing or malformed variable ends the start, by name. */
export const env = envSchema.parse(process.env);
