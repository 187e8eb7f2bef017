import * as z from 'zod';
import { arn } from './input.ts';

/** Source of all limits: the Personalize API reference. */
const name = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9\-_]*$/);
const roleArn = z
  .string()
  .max(256)
  .regex(/^arn:([a-z\d-]+):iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/);
const location = z
  .string()
  .max(256)
  .regex(/^s3:\/\/[^/]+\/.*$/);
const dataSource = z.object({ dataLocation: location });
const tps = z.number().int().min(1);
const text = z.string().max(256);
const parameters = z.record(text, z.string().max(1_000));

export const createDatasetGroup = z.object({
  name,
  roleArn: roleArn.optional(),
  kmsKeyArn: z.string().max(2_048).optional(),
  domain: z.undefined('domain dataset groups are not offered').optional(),
});
export const createSchema = z.object({
  name,
  schema: z.string().max(20_000),
  domain: z.undefined('domain dataset groups are not offered').optional(),
});
export const createDataset = z.object({
  name,
  schemaArn: arn,
  datasetGroupArn: arn,
  datasetType: z
    .string()
    .transform((type) => type.charAt(0).toUpperCase() + type.slice(1).toLowerCase())
    .pipe(z.enum(['Interactions', 'Items', 'Users'])),
});
export const createImportJob = z.object({
  jobName: name,
  datasetArn: arn,
  dataSource,
  roleArn,
  importMode: z.enum(['FULL', 'INCREMENTAL']).default('FULL'),
  publishAttributionMetricsToS3: z.boolean().default(false),
});
export const createEventTracker = z.object({ name, datasetGroupArn: arn });
export const createFilter = z.object({
  name,
  datasetGroupArn: arn,
  filterExpression: z.string().min(1).max(2_500),
});
const eventParameters = z.object({
  eventType: text.optional(),
  eventValueThreshold: z.number().optional(),
  weight: z.number().min(0).max(1).optional(),
});
const schedule = z
  .string()
  .min(1)
  .max(16)
  .regex(/^rate\(\d+ days?\)$/);
const solutionConfig = z.object({
  eventValueThreshold: text.optional(),
  algorithmHyperParameters: parameters.optional(),
  featureTransformationParameters: parameters.optional(),
  eventsConfig: z.object({ eventParametersList: z.array(eventParameters).max(10).optional() }).optional(),
  autoTrainingConfig: z.object({ schedulingExpression: schedule.optional() }).optional(),
});
export const createSolution = z.object({
  name,
  datasetGroupArn: arn,
  recipeArn: arn,
  performHPO: z.boolean().default(false),
  performAutoML: z.literal(false, 'AutoML is not offered').default(false),
  performAutoTraining: z.boolean().default(true),
  eventType: text.optional(),
  solutionConfig: solutionConfig.optional(),
});
export const updateSolution = z.object({
  solutionArn: arn,
  performAutoTraining: z.boolean().optional(),
  solutionUpdateConfig: solutionConfig.pick({ autoTrainingConfig: true, eventsConfig: true }).optional(),
});
export const createSolutionVersion = z.object({
  name: name.optional(),
  solutionArn: arn,
  trainingMode: z.enum(['FULL', 'UPDATE', 'AUTOTRAIN']).default('FULL'),
});
const share = z.number().min(0).max(1);
const campaignConfig = z.object({
  itemExplorationConfig: parameters.optional(),
  enableMetadataWithRecommendations: z.boolean().optional(),
  syncWithLatestSolutionVersion: z.boolean().optional(),
  rankingInfluence: z.partialRecord(z.enum(['POPULARITY', 'FRESHNESS']), share).optional(),
});
export const createCampaign = z.object({
  name,
  solutionVersionArn: arn,
  minProvisionedTPS: tps.default(1),
  campaignConfig: campaignConfig.optional(),
});
export const updateCampaign = z.object({
  campaignArn: arn,
  solutionVersionArn: arn.optional(),
  minProvisionedTPS: tps.optional(),
  campaignConfig: campaignConfig.optional(),
});
const metric = z.object({
  eventType: text.min(1),
  metricName: text.min(1),
  expression: text.regex(/^(SAMPLECOUNT\(\)|SUM\((Interactions\.EVENT_VALUE|Items\.\w+)\))$/i),
});
const metricsOutputConfig = z.object({
  s3DataDestination: z.object({ path: location, kmsKeyArn: z.string().max(2_048).optional() }).optional(),
  roleArn,
});
export const createMetricAttribution = z.object({
  name,
  datasetGroupArn: arn,
  metrics: z.array(metric).max(10),
  metricsOutputConfig,
});
export const updateMetricAttribution = z.object({
  metricAttributionArn: arn,
  addMetrics: z.array(metric).max(10).default([]),
  removeMetrics: z.array(text).max(10).default([]),
  metricsOutputConfig: metricsOutputConfig.optional(),
});
export const createDataDeletionJob = z.object({ jobName: name, datasetGroupArn: arn, dataSource, roleArn });

export const page = {
  maxResults: z.number().int().min(1).max(100).default(100),
  nextToken: z.string().max(1_500).optional(),
};
export const metrics = z.object({ solutionVersionArn: arn });
export const attributionMetrics = z.object({ ...page, metricAttributionArn: arn.optional() });
export const listRecipes = z.object({
  ...page,
  recipeProvider: z.enum(['SERVICE']).optional(),
  domain: z.enum(['ECOMMERCE', 'VIDEO_ON_DEMAND']).optional(),
});
export const recipe = z.object({ recipeArn: arn });
