import {
  DeleteCampaignCommand,
  DeleteFilterCommand,
  DeleteSolutionCommand,
  DescribeCampaignCommand,
  DescribeFilterCommand,
  DescribeSolutionCommand,
  type PersonalizeClient,
  paginateListCampaigns,
  paginateListFilters,
  paginateListSolutions,
  ResourceInUseException,
  ResourceNotFoundException,
} from '@aws-sdk/client-personalize';

/** What statemachines/train-recommender.asl.json makes, and how it is found and deleted. */
interface Made {
  readonly what: string;
  list(): AsyncIterable<readonly { readonly name?: string | undefined; readonly arn?: string | undefined }[]>;
  remove(arn: string): Promise<unknown>;
  describe(arn: string): Promise<unknown>;
}

export interface TakingDown {
  readonly stage: string;
  /** Left out, it is only said what there is. */
  readonly really: boolean;
  readonly log: (line: string) => void;
  /** Waits before it looks again. */
  readonly pause: () => Promise<unknown>;
  /** How often it looks at most, for each resource. */
  readonly looks: number;
}

/**
 * Deletes the campaign, the filter and the solutions of a stage, one after the other, as each is of use to the one
 * before, and waits for each to be gone. What is not there is passed over, so that it can be done again.
 * @returns how many there were
 * @throws Error naming what is still there after all looks
 */
export async function takeDown(client: PersonalizeClient, given: TakingDown): Promise<number> {
  const { stage, really, log } = given;
  const [campaigns, filters, solutions] = kindsOf(client);
  const wanted = [
    [campaigns, `afterparty-${stage}-recommender`],
    [filters, `afterparty-${stage}-unseen`],
    [solutions, `afterparty-${stage}-recommender`],
    [solutions, `afterparty-${stage}-popularity`],
  ] as const;
  let found = 0;
  for (const [kind, name] of wanted) {
    const arn = await arnOf(kind, name);
    if (arn === undefined) continue;
    found += 1;
    if (really) await remove(kind, arn, given);
    log(`${kind.what} ${name}${really ? ' is gone' : ''}`);
  }
  return found;
}

async function arnOf({ list }: Made, name: string): Promise<string | undefined> {
  for await (const page of list()) {
    const own = page.find((each) => each.name === name);
    if (own) return own.arn;
  }
  return undefined;
}

/** Asks for the deletion until it is taken, then looks until nothing is there. */
async function remove(kind: Made, arn: string, { log, pause, looks }: TakingDown): Promise<void> {
  let isAsked = false;
  let why = 'it is still being deleted';
  for (let look = 0; look < looks; look += 1) {
    try {
      await (isAsked ? kind.describe(arn) : kind.remove(arn));
      if (!isAsked) log(`${kind.what} ${arn} is being deleted`);
      isAsked = true;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return;
      if (!(error instanceof ResourceInUseException)) throw error;
      why = error.message;
    }
    await pause();
  }
  throw new Error(`Expected ${arn} to be gone: ${why}`);
}

function kindsOf(client: PersonalizeClient): readonly [Made, Made, Made] {
  const paging = { client, pageSize: 100 };
  return [
    {
      what: 'campaign',
      async *list() {
        for await (const { campaigns = [] } of paginateListCampaigns(paging, {}))
          yield campaigns.map(({ name, campaignArn: arn }) => ({ name, arn }));
      },
      remove: (campaignArn) => client.send(new DeleteCampaignCommand({ campaignArn })),
      describe: (campaignArn) => client.send(new DescribeCampaignCommand({ campaignArn })),
    },
    {
      what: 'filter',
      async *list() {
        for await (const { Filters = [] } of paginateListFilters(paging, {}))
          yield Filters.map(({ name, filterArn: arn }) => ({ name, arn }));
      },
      remove: (filterArn) => client.send(new DeleteFilterCommand({ filterArn })),
      describe: (filterArn) => client.send(new DescribeFilterCommand({ filterArn })),
    },
    {
      what: 'solution',
      async *list() {
        for await (const { solutions = [] } of paginateListSolutions(paging, {}))
          yield solutions.map(({ name, solutionArn: arn }) => ({ name, arn }));
      },
      remove: (solutionArn) => client.send(new DeleteSolutionCommand({ solutionArn })),
      describe: (solutionArn) => client.send(new DescribeSolutionCommand({ solutionArn })),
    },
  ];
}
