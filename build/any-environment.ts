/** Values that lib/env.ts takes, for reading the routes' schemas where nothing is called. */
const ANY_ENVIRONMENT = {
  STAGE: 'none',
  TABLE_NAME: 'none',
  MEDIA_BUCKET: 'none',
  ACTIVITY_TOPIC_ARN: 'arn:none',
  FEED_QUEUE_URL: 'http://127.0.0.1/none',
  INBOX_QUEUE_URL: 'http://127.0.0.1/none',
  FILTER_PHOTO_ARN: 'arn:none',
  FILTER_BATCH_ARN: 'arn:none',
  CLICKS_STREAM_NAME: 'none',
  CLICKS_BUCKET: 'none',
  INTERACTIONS_TABLE_NAME: 'none',
  CLICKS_RETENTION: '180',
  HOLD_OUT_PERCENT: '0',
  PERSONALIZE_CAMPAIGN_ARN: '',
  PERSONALIZE_FILTER_ARN: '',
  PERSONALIZE_TRACKING_ID: '',
  PERSONALIZE_ITEMS_ARN: '',
  CURSOR_SECRET_ARN: 'arn:none',
  COGNITO_ISSUER: 'http://127.0.0.1/none',
  COGNITO_CLIENT_ID: 'none',
  LOG_LEVEL: 'ERROR',
  POWERTOOLS_SERVICE_NAME: 'none',
  POWERTOOLS_METRICS_NAMESPACE: 'none',
  AWS_REGION: 'eu-west-1',
};

for (const [name, value] of Object.entries(ANY_ENVIRONMENT)) process.env[name] ??= value;
