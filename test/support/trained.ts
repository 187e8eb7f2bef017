import {
  CreateCampaignCommand,
  CreateDatasetImportJobCommand,
  CreateSolutionCommand,
  CreateSolutionVersionCommand,
  DescribeDatasetImportJobCommand,
  DescribeSolutionVersionCommand,
} from '@aws-sdk/client-personalize';
import { madeUpWorld } from './made-up-tastes.ts';
import { arnOf, dataRole, interactionsCsv, itemsCsv, type Personalized, recipeArn } from './personalize.ts';

/** People and photos enough to train by, and few enough to train at once. */
export const world = madeUpWorld({ people: 60, photos: 120, events: 2_400, seed: 7 });

/** Imports a file that is in the bucket already. @returns how that ended */
export async function importFile(
  { control, settle }: Personalized,
  type: 'INTERACTIONS' | 'ITEMS' | 'USERS',
  key: string,
  more: { jobName?: string; importMode?: 'FULL' | 'INCREMENTAL'; roleArn?: string } = {},
) {
  const { datasetImportJobArn } = await control.send(
    new CreateDatasetImportJobCommand({
      jobName: `import-${key.replaceAll(/[^a-z0-9]/gi, '-')}`,
      datasetArn: arnOf(`dataset/photos/${type}`),
      dataSource: { dataLocation: `s3://data/${key}` },
      roleArn: dataRole,
      ...more,
    }),
  );
  await settle();
  const described = await control.send(new DescribeDatasetImportJobCommand({ datasetImportJobArn }));
  return described.datasetImportJob;
}

/** Imports the world's interactions and items. */
export async function importWorld(personalize: Personalized): Promise<void> {
  await personalize.upload('interactions.csv', interactionsCsv(world));
  await personalize.upload('items.csv', itemsCsv(world));
  for (const [type, key] of [
    ['INTERACTIONS', 'interactions.csv'],
    ['ITEMS', 'items.csv'],
  ] as const) {
    const job = await importFile(personalize, type, key);
    if (job?.status !== 'ACTIVE') throw new Error(`Expected an import, got ${JSON.stringify(job)}.`);
  }
}

/** Trains a solution of the recipe. @returns its version as it is then */
export async function trainVersion({ control, settle }: Personalized, recipe: string, name = recipe) {
  await control.send(
    new CreateSolutionCommand({
      name,
      datasetGroupArn: arnOf('dataset-group/photos'),
      recipeArn: recipeArn(recipe),
      performAutoTraining: false,
    }),
  );
  await settle();
  return trainAgain({ control, settle }, name);
}

/** Trains another version of a solution. */
export async function trainAgain(
  { control, settle }: Pick<Personalized, 'control' | 'settle'>,
  name: string,
) {
  const { solutionVersionArn } = await control.send(
    new CreateSolutionVersionCommand({ solutionArn: arnOf(`solution/${name}`) }),
  );
  await settle();
  const { solutionVersion } = await control.send(new DescribeSolutionVersionCommand({ solutionVersionArn }));
  return solutionVersion;
}

/** Trains a recipe and serves it. @returns the campaign's ARN */
export async function deploy(
  personalize: Personalized,
  recipe: string,
  campaignConfig: { enableMetadataWithRecommendations?: boolean } = {},
): Promise<string> {
  const version = await trainVersion(personalize, recipe);
  if (version?.status !== 'ACTIVE') throw new Error(`Expected a model, got ${JSON.stringify(version)}.`);
  const { campaignArn = '' } = await personalize.control.send(
    new CreateCampaignCommand({
      name: recipe,
      solutionVersionArn: version.solutionVersionArn,
      campaignConfig,
    }),
  );
  await personalize.settle();
  return campaignArn;
}
