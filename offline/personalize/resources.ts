/** What tells the kinds of resources apart is what stands first in the resource part of their ARNs. */
export interface Details {
  'dataset-group': { readonly roleArn?: string; readonly kmsKeyArn?: string; readonly domain?: string };
  schema: { readonly schema: string; readonly domain?: string };
  dataset: {
    readonly datasetGroupArn: string;
    readonly datasetType: DatasetType;
    readonly schemaArn: string;
  };
  'dataset-import-job': {
    readonly datasetArn: string;
    readonly dataSource: { readonly dataLocation: string };
    readonly roleArn: string;
    readonly importMode: 'FULL' | 'INCREMENTAL';
    readonly publishAttributionMetricsToS3: boolean;
  };
  'event-tracker': {
    readonly datasetGroupArn: string;
    readonly trackingId: string;
    readonly accountId: string;
  };
  filter: { readonly datasetGroupArn: string; readonly filterExpression: string };
  solution: {
    readonly datasetGroupArn: string;
    readonly recipeArn: string;
    readonly eventType?: string;
    readonly performHPO: boolean;
    readonly performAutoML: boolean;
    readonly performAutoTraining: boolean;
    readonly solutionConfig?: SolutionConfig;
  };
  'solution-version': {
    readonly solutionArn: string;
    readonly datasetGroupArn: string;
    readonly recipeArn: string;
    readonly eventType?: string;
    readonly performHPO: boolean;
    readonly performAutoML: boolean;
    readonly solutionConfig?: SolutionConfig;
    readonly trainingMode: 'FULL' | 'UPDATE';
    readonly trainingType: 'MANUAL' | 'AUTOMATIC';
    readonly trainingHours?: number;
    /** By their names in the API; only of what is trained. */
    readonly metrics?: Readonly<Record<string, number>>;
  };
  campaign: Deployed & { readonly update?: Deployed & { readonly updatedAt: number } };
  'metric-attribution': {
    readonly datasetGroupArn: string;
    readonly metrics: readonly Metric[];
    readonly metricsOutputConfig: { readonly roleArn: string; readonly s3DataDestination?: unknown };
  };
  'data-deletion-job': {
    readonly datasetGroupArn: string;
    readonly dataSource: { readonly dataLocation: string };
    readonly roleArn: string;
    readonly numDeleted?: number;
  };
}

export type DatasetType = 'Interactions' | 'Items' | 'Users';
export type Kind = keyof Details;

/** What a campaign serves, and how. */
export interface Deployed {
  readonly solutionVersionArn: string;
  readonly minProvisionedTPS: number;
  readonly campaignConfig?: CampaignConfig;
}

export interface CampaignConfig {
  readonly itemExplorationConfig?: Readonly<Record<string, string>>;
  readonly enableMetadataWithRecommendations?: boolean;
  readonly syncWithLatestSolutionVersion?: boolean;
  readonly rankingInfluence?: Readonly<Record<string, number>>;
}

export interface SolutionConfig {
  readonly eventValueThreshold?: string;
  readonly algorithmHyperParameters?: Readonly<Record<string, string>>;
  readonly featureTransformationParameters?: Readonly<Record<string, string>>;
  readonly eventsConfig?: {
    readonly eventParametersList?: readonly {
      readonly eventType?: string;
      readonly eventValueThreshold?: number;
      readonly weight?: number;
    }[];
  };
  readonly autoTrainingConfig?: { readonly schedulingExpression?: string };
}

export interface Metric {
  readonly eventType: string;
  readonly metricName: string;
  readonly expression: string;
}

/** What every resource has. Times are milliseconds since 1970. */
export interface Common {
  readonly arn: string;
  readonly name: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly deletingAt?: number;
  /** Whether the stack's template declares it: it is there from the start. */
  readonly declared?: boolean;
  /** Of what takes work: when that ended and, where it failed, why. */
  readonly outcome?: { readonly at: number; readonly failureReason?: string };
}

export type ResourceOf<K extends Kind> = { [Each in K]: Common & { readonly kind: Each } & Details[Each] }[K];
export type Known = ResourceOf<Kind>;
/** What any resource tells without its kind being known. */
export type AnyResource = Common & { readonly kind: Kind };
