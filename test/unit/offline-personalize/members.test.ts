import { expect, test } from 'vitest';
import { lowered, raised } from '../../../offline/personalize/members.ts';
import { resolveStack } from '../../../offline/template/resolve.ts';

test('members change their first letter however deep, and names that somebody gave stay', () => {
  const told = {
    solutionVersionArn: 'arn',
    metrics: { coverage: 0.5 },
    campaignConfig: {
      itemExplorationConfig: { explorationWeight: '0.3' },
      enableMetadataWithRecommendations: true,
    },
    list: [{ metricName: 'likes' }],
  };
  const asked = {
    SolutionVersionArn: 'arn',
    Metrics: { coverage: 0.5 },
    CampaignConfig: {
      ItemExplorationConfig: { explorationWeight: '0.3' },
      EnableMetadataWithRecommendations: true,
    },
    List: [{ MetricName: 'likes' }],
  };
  expect(raised(told)).toEqual(asked);
  expect(lowered(asked)).toEqual(told);
});

test('the template gives the ARNs that Personalize would', () => {
  const Personalize = (type: string, Properties: Record<string, unknown>) => ({
    Type: `AWS::Personalize::${type}`,
    Properties,
  });
  const { resources } = resolveStack(
    {
      Resources: {
        Group: Personalize('DatasetGroup', { Name: 'photos' }),
        Items: Personalize('Dataset', {
          Name: 'items',
          DatasetType: 'Items',
          DatasetGroupArn: { Ref: 'Group' },
        }),
        Tracker: Personalize('EventTracker', { Name: 't', DatasetGroupArn: { Ref: 'Group' } }),
        Solution: Personalize('Solution', {
          Name: 's',
          DatasetGroupArn: { 'Fn::GetAtt': ['Group', 'DatasetGroupArn'] },
        }),
        Out: {
          Type: 'AWS::SSM::Parameter',
          Properties: { Value: { 'Fn::GetAtt': ['Tracker', 'TrackingId'] } },
        },
      },
    },
    { stackName: 'test', region: 'eu-west-1', account: '000000000000', endpoint: 'http://127.0.0.1:1' },
  );
  const arn = (path: string) => `arn:aws:personalize:eu-west-1:000000000000:${path}`;
  const refs = resources.map(({ physicalId }) => physicalId);
  expect(refs.slice(0, 2)).toEqual([arn('dataset-group/photos'), arn('dataset/photos/ITEMS')]);
  expect(refs[2]).toMatch(/:event-tracker\/[0-9a-f]{8}$/);
  expect(refs[3]).toBe(arn('solution/s'));
  expect(resources[3]?.properties.DatasetGroupArn).toBe(arn('dataset-group/photos'));
  expect(resources[4]?.properties.Value).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});
