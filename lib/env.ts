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
  /** Bytes of originals that one person may have. */
  UPLOAD_QUOTA_BYTES: z.coerce.number().int().positive(),
  /** Photos, edits and places read anew that are worked on for one person a day. */
  DAILY_PICTURES: z.coerce.number().int().positive(),
  CLICKS_STREAM_NAME: z.string().min(1),
  CLICKS_BUCKET: z.string().min(1),
  INTERACTIONS_TABLE_NAME: z.string().min(1),
  /** Days that an interaction is kept. */
  CLICKS_RETENTION: z.coerce.number().int().positive(),
  /** How many of a hundred people are shown what is trending, to measure what recommendations bring. */
  HOLD_OUT_PERCENT: z.coerce.number().int().min(0).max(50),
  /** The four of Personalize are empty where a stage goes without it. */
  PERSONALIZE_CAMPAIGN_ARN: z.string(),
  PERSONALIZE_FILTER_ARN: z.string(),
  PERSONALIZE_TRACKING_ID: z.string(),
  PERSONALIZE_ITEMS_ARN: z.string(),
  CURSOR_SECRET_ARN: z.string().startsWith('arn:'),
  COGNITO_ISSUER: z.url(),
  COGNITO_CLIENT_ID: z.string().min(1),
  LOG_LEVEL: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']),
  POWERTOOLS_SERVICE_NAME: z.string().min(1),
  POWERTOOLS_METRICS_NAMESPACE: z.string().min(1),
});

/** The environment, parsed at cold start: a missing or malformed variable ends the start, by name. */
export const env = envSchema.parse(process.env);
