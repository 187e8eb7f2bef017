import {
  CreateDataDeletionJobCommand,
  CreateDatasetImportJobCommand,
  CreateSolutionCommand,
  DescribeDataDeletionJobCommand,
  InvalidInputException,
  LimitExceededException,
  ListDatasetImportJobsCommand,
} from '@aws-sdk/client-personalize';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  arnOf,
  dataRole,
  interactionsCsv,
  itemsCsv,
  type Personalized,
  photosResources,
  poorRole,
  recipeArn,
  startPersonalize,
} from '../../support/personalize.ts';
import { importFile, trainAgain, world } from '../../support/trained.ts';

let personalize: Personalized;
beforeEach(async () => {
  personalize = await startPersonalize();
});
afterEach(() => personalize.stop());

const HEADER = 'USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,IMPRESSION';

/** The world's rows from one number on, without the header. */
const rows = (from: number, to?: number) => interactionsCsv(world).split('\n').slice(1, -1).slice(from, to);
const file = (lines: readonly string[], header = HEADER) => `${[header, ...lines].join('\n')}\n`;

/** Imports a text as interactions. */
async function imported(key: string, text: string, more: Parameters<typeof importFile>[3] = {}) {
  await personalize.upload(key, text);
  return importFile(personalize, 'INTERACTIONS', key, more);
}

/** Trains by what is there. @returns the failure, or undefined if there was enough */
async function trainingFailure(name = 'popular'): Promise<string | undefined> {
  await personalize.control
    .send(
      new CreateSolutionCommand({
        ...{ name, datasetGroupArn: arnOf('dataset-group/photos'), performAutoTraining: false },
        recipeArn: recipeArn('popularity-count'),
      }),
    )
    .catch(() => {});
  await personalize.settle();
  const version = await trainAgain(personalize, name);
  expect(version?.status).toBe(version?.failureReason === undefined ? 'ACTIVE' : 'CREATE FAILED');
  return version?.failureReason;
}

describe('an import', () => {
  test('takes quoted fields, a byte order mark and carriage returns', async () => {
    const odd = rows(0).map((row) => row.replace(/^([^,]*)/, '"$1"'));
    const job = await imported('odd.csv', `\ufeff${file(odd).replaceAll('\n', '\r\n')}`);
    expect(job).toMatchObject({ status: 'ACTIVE', importMode: 'FULL' });
    expect(await trainingFailure()).toBeUndefined();
  });

  test('takes all files right in a folder', async () => {
    await personalize.upload('folder/a.csv', file(rows(0, 900)));
    await personalize.upload('folder/b.csv', file(rows(900)));
    await personalize.upload('folder/deeper/c.csv', 'not,to,be,read');
    const job = await importFile(personalize, 'INTERACTIONS', 'folder/');
    expect(job?.status).toBe('ACTIVE');
    expect(await trainingFailure()).toBeUndefined();
  });

  test.each([
    ['a column is missing', HEADER.replace('TIMESTAMP,', ''), /missing the following columns: \[TIMESTAMP\]/],
    ['a column is unknown', `${HEADER},COLOUR`, /columns that the schema has not: \[COLOUR\]/],
  ])('fails where %s', async (_, header, reason) => {
    const job = await imported('wrong.csv', file(rows(0), header));
    expect(job?.status).toBe('CREATE FAILED');
    expect(job?.failureReason).toMatch(reason);
  });

  test.each([
    ['a required value is missing', 'person-1,,1760000000,view,,'],
    ['a time is no number', 'person-1,photo,yesterday,view,,'],
    ['a field is missing', 'person-1,photo,1760000000,view,'],
    ['a number is no whole one', 'person-1,photo,1760000000.5,view,,'],
  ])('fails where %s, and takes nothing', async (_, row) => {
    const job = await imported('wrong.csv', file([...rows(0), row]));
    expect(job?.failureReason).toMatch(/rows that do not conform to the dataset schema: record 2\d{3}/);
    expect(await trainingFailure()).toMatch(/got 0 and 0/);
  });

  test('fails where there is no such file, or the role or the bucket does not let Personalize read it', async () => {
    const missing = await importFile(personalize, 'INTERACTIONS', 'missing.csv');
    expect(missing?.failureReason).toMatch(/Invalid data location/);
    const refused = await imported('a.csv', file(rows(0)), { jobName: 'poor', roleArn: poorRole });
    expect(refused?.failureReason).toMatch(/Insufficient privileges for accessing data in S3: the role/);
    const { DataPolicy, ...unopened } = photosResources;
    const { Properties: { Bucket, PolicyDocument } = {} } = DataPolicy ?? {};
    const allowing = (...actions: string[]): typeof photosResources => ({
      ...unopened,
      DataPolicy: {
        Type: 'AWS::S3::BucketPolicy',
        Properties: {
          Bucket,
          PolicyDocument: JSON.parse(JSON.stringify(PolicyDocument), (name, value) =>
            name === 'Action' ? actions : value,
          ),
        },
      },
    });
    for (const resources of [unopened, allowing('s3:GetObject'), allowing('s3:ListBucket')]) {
      await personalize.stop();
      personalize = await startPersonalize(resources);
      const closed = await imported('a.csv', file(rows(0)));
      expect(closed?.failureReason).toMatch(/Insufficient privileges .*: the policy of the bucket data/);
    }
  });

  test('FULL replaces what was imported, INCREMENTAL adds to it, and neither takes fewer than 1000', async () => {
    expect((await imported('few.csv', file(rows(0, 999))))?.failureReason).toMatch(/at least 1000/);
    const few = { jobName: 'few', importMode: 'INCREMENTAL' } as const;
    expect((await imported('few.csv', file(rows(0, 999)), few))?.failureReason).toMatch(/at least 1000/);
    expect((await imported('a.csv', file(rows(0, 1_400))))?.status).toBe('ACTIVE');
    expect(await trainingFailure()).toBeUndefined();
    const same = Array.from({ length: 1_000 }, () => rows(0, 1)[0] as string);
    await imported('same.csv', file(same), { importMode: 'INCREMENTAL' });
    expect(await trainingFailure()).toBeUndefined();
    await imported('full.csv', file(same));
    expect(await trainingFailure()).toMatch(/at least 1000 unique interactions.*got 1 and 0/);
  });

  test('items with the same id take each other’s place', async () => {
    await personalize.upload('items.csv', itemsCsv(world));
    expect((await importFile(personalize, 'ITEMS', 'items.csv'))?.status).toBe('ACTIVE');
    const again = await importFile(personalize, 'ITEMS', 'items.csv', {
      jobName: 'again',
      importMode: 'INCREMENTAL',
    });
    expect(again?.status).toBe('ACTIVE');
  });

  test('waits for nobody: five may be under way, not six', async () => {
    const { control } = personalize;
    const many = async () => {
      for (let at = 0; at < 6; at += 1) await startOne(`job-${at}`);
    };
    await expect(many()).rejects.toBeInstanceOf(LimitExceededException);
    await personalize.settle();
    const { datasetImportJobs = [] } = await control.send(new ListDatasetImportJobsCommand({}));
    expect(datasetImportJobs.map(({ status }) => status)).toEqual(Array(5).fill('CREATE FAILED'));

    async function startOne(jobName: string) {
      await control.send(
        new CreateDatasetImportJobCommand({
          ...{ jobName, datasetArn: arnOf('dataset/photos/INTERACTIONS'), roleArn: dataRole },
          dataSource: { dataLocation: 's3://data/none.csv' },
        }),
      );
    }
  });
});

describe('training', () => {
  test('needs 25 people with two interactions', async () => {
    const lonely = Array.from(
      { length: 1_000 },
      (_, at) => `person-${at % 24},photo-${at},1760000000,view,,`,
    );
    await imported('lonely.csv', file(lonely));
    expect(await trainingFailure()).toMatch(/25 users with 2 or more; got 1000 and 24/);
  });
});

describe('deleting the data of users', () => {
  const deleteUsers = async (text: string) => {
    await personalize.upload('gone.csv', text);
    const { dataDeletionJobArn } = await personalize.control.send(
      new CreateDataDeletionJobCommand({
        ...{ jobName: 'gone', datasetGroupArn: arnOf('dataset-group/photos'), roleArn: dataRole },
        dataSource: { dataLocation: 's3://data/gone.csv' },
      }),
    );
    await personalize.settle();
    const described = await personalize.control.send(
      new DescribeDataDeletionJobCommand({ dataDeletionJobArn }),
    );
    return described.dataDeletionJob;
  };

  test('takes what they did, and tells how much that was', async () => {
    await imported('all.csv', file(rows(0)));
    const own = rows(0).filter((row) => /^person-(1|2),/.test(row)).length;
    const job = await deleteUsers('USER_ID\nperson-1\nperson-2\nnobody\n');
    expect(job).toMatchObject({ status: 'ACTIVE', numDeleted: own });
  });

  test('fails for a file without users', async () => {
    expect((await deleteUsers('PERSON\nperson-1\n'))?.failureReason).toMatch(/missing .* \[USER_ID\]/);
  });

  test('a name that Personalize would not take is refused', async () => {
    const job = { datasetGroupArn: arnOf('dataset-group/photos'), roleArn: dataRole };
    await expect(
      personalize.control.send(
        new CreateDataDeletionJobCommand({ ...job, jobName: '-', dataSource: { dataLocation: 'data/x' } }),
      ),
    ).rejects.toBeInstanceOf(InvalidInputException);
  });
});
