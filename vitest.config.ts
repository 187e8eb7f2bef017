import { defineConfig } from 'vitest/config';

/** What lib/env.ts reads, for tests that run product code without a stack around it. */
const env = {
  STAGE: 'test',
  TABLE_NAME: 'afterparty-test-table',
  MEDIA_BUCKET: 'afterparty-test-media-000000000000-eu-west-1',
  ACTIVITY_TOPIC_ARN: 'arn:aws:sns:eu-west-1:000000000000:afterparty-test-activity-topic',
  FEED_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/000000000000/afterparty-test-feed-queue',
  INBOX_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/000000000000/afterparty-test-inbox-queue',
  FILTER_PHOTO_ARN: 'arn:aws:states:eu-west-1:000000000000:stateMachine:afterparty-test-filter-photo',
  FILTER_BATCH_ARN: 'arn:aws:states:eu-west-1:000000000000:stateMachine:afterparty-test-filter-batch',
  UPLOAD_QUOTA_BYTES: '50000000000',
  DAILY_PICTURES: '10000',
  CLICKS_STREAM_NAME: 'afterparty-test-clicks-stream',
  CLICKS_BUCKET: 'afterparty-test-clicks-000000000000-eu-west-1',
  INTERACTIONS_TABLE_NAME: 'afterparty-test-interactions-table',
  CLICKS_RETENTION: '180',
  HOLD_OUT_PERCENT: '0',
  PERSONALIZE_CAMPAIGN_ARN: 'arn:aws:personalize:eu-west-1:000000000000:campaign/afterparty-test-recommender',
  PERSONALIZE_FILTER_ARN: 'arn:aws:personalize:eu-west-1:000000000000:filter/afterparty-test-unseen',
  PERSONALIZE_TRACKING_ID: '00000000-0000-4000-8000-000000000000',
  PERSONALIZE_ITEMS_ARN: 'arn:aws:personalize:eu-west-1:000000000000:dataset/afterparty-test/ITEMS',
  CURSOR_SECRET_ARN: 'arn:aws:secretsmanager:eu-west-1:000000000000:secret:afterparty-test-cursor-secret',
  COGNITO_ISSUER: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_test',
  COGNITO_CLIENT_ID: 'test-client',
  LOG_LEVEL: 'ERROR',
  POWERTOOLS_SERVICE_NAME: 'afterparty',
  POWERTOOLS_METRICS_NAMESPACE: 'Afterparty',
  POWERTOOLS_METRICS_DISABLED: 'true',
  POWERTOOLS_TRACE_ENABLED: 'false',
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  AWS_EC2_METADATA_DISABLED: 'true',
};

export default defineConfig({
  test: {
    reporters: ['default', './test/support/summary-reporter.ts'],
    // A machine with two cores also runs the servers that the tests start.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          setupFiles: ['test/support/no-sockets.ts'],
          env,
        },
      },
      {
        extends: true,
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          globalSetup: ['test/support/packaged.ts'],
          testTimeout: 120_000,
          env,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/support/local-template.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          env,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/support/packaged.ts', 'test/support/e2e-stack.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
