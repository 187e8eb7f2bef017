import type { Kind } from './resources.ts';

/** How the API speaks of a kind of resource. */
export interface Noun {
  readonly kind: Kind;
  /** As in `DescribeDatasetGroup`. */
  readonly singular: string;
  /** As in `ListDatasetGroups`. */
  readonly plural: string;
  /** The member that holds one of them, and the one that holds a list. */
  readonly member: string;
  readonly listMember: string;
  /** The member that names it in requests and answers. */
  readonly arnMember: string;
  readonly nameMember: 'name' | 'jobName';
  /** The member by which a list is narrowed down. */
  readonly within?: string;
  /** What a list tells besides ARN, name, status and times. */
  readonly summary: readonly string[];
  readonly hasStatus: boolean;
  readonly isDeletable: boolean;
}

function noun(
  kind: Kind,
  singular: string,
  more: Partial<Noun> & { readonly member?: string } = {},
): readonly [Kind, Noun] {
  const member = singular.charAt(0).toLowerCase() + singular.slice(1);
  return [
    kind,
    {
      ...{ kind, singular, member, plural: `${singular}s`, listMember: `${member}s` },
      ...{ arnMember: `${member}Arn`, nameMember: 'name', summary: [], hasStatus: true, isDeletable: true },
      ...more,
    },
  ];
}

const inGroup = { within: 'datasetGroupArn' };

/** Source: the Personalize API reference. */
export const NOUNS: ReadonlyMap<Kind, Noun> = new Map([
  noun('dataset-group', 'DatasetGroup', { summary: ['domain'] }),
  noun('schema', 'Schema', { summary: ['domain'], hasStatus: false }),
  noun('dataset', 'Dataset', { ...inGroup, summary: ['datasetType'] }),
  noun('dataset-import-job', 'DatasetImportJob', {
    ...{ within: 'datasetArn', nameMember: 'jobName', summary: ['importMode'], isDeletable: false },
  }),
  noun('event-tracker', 'EventTracker', inGroup),
  noun('filter', 'Filter', { ...inGroup, listMember: 'Filters', summary: ['datasetGroupArn'] }),
  noun('solution', 'Solution', { ...inGroup, summary: ['recipeArn'] }),
  noun('solution-version', 'SolutionVersion', {
    ...{ within: 'solutionArn', summary: ['trainingMode', 'trainingType'], isDeletable: false },
  }),
  noun('campaign', 'Campaign', { within: 'solutionArn' }),
  noun('metric-attribution', 'MetricAttribution', inGroup),
  noun('data-deletion-job', 'DataDeletionJob', {
    ...{ ...inGroup, nameMember: 'jobName', summary: ['datasetGroupArn'], isDeletable: false },
  }),
]);
