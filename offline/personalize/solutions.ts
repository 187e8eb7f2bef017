import * as inputs from './control-input.ts';
import type { Operations } from './datasets.ts';
import { LATEST } from './deployed.ts';
import { alreadyExists, inUse, invalid, notFound } from './errors.ts';
import { read } from './input.ts';
import type { Jobs } from './jobs.ts';
import { updateStatusOf } from './lifecycle.ts';
import { RECIPES } from './recipes.ts';
import { given, type Register, told } from './register.ts';
import type { CampaignConfig, Metric, ResourceOf } from './resources.ts';
import { isFrequency } from './trending.ts';
import type { World } from './world.ts';

/** API Reference, CreateMetricAttribution. */
const MOST_METRICS = 10;

/** What makes solutions, their versions, campaigns that serve them, and what is told of their effect. */
export function solutionOperations(world: World, register: Register, jobs: Jobs): Operations {
  const { resources } = world;
  return {
    CreateSolution(input) {
      const { name, ...details } = read(inputs.createSolution, input);
      const { datasetGroupArn, recipeArn, solutionConfig } = details;
      register.active('dataset-group', datasetGroupArn);
      if (!RECIPES.has(recipeArn)) throw notFound(`Recipe not found: ${recipeArn}; there are ${KNOWN}.`);
      if (!world.datasetOf(datasetGroupArn, 'Interactions')) {
        throw invalid('The dataset group must have an Interactions dataset.');
      }
      const frequency = solutionConfig?.algorithmHyperParameters?.trend_discovery_frequency;
      if (frequency !== undefined && !isFrequency(frequency)) {
        throw invalid(`Expected 30 minutes, 1 hour, 3 hours or 1 day for trends, got ${frequency}.`);
      }
      return told(register.put('solution', `solution/${name}`, name, given(details), datasetGroupArn));
    },

    UpdateSolution(input) {
      const { solutionArn, performAutoTraining, solutionUpdateConfig } = read(inputs.updateSolution, input);
      const solution = register.active('solution', solutionArn);
      resources.change<'solution'>(solution, {
        ...(performAutoTraining !== undefined && { performAutoTraining }),
        solutionConfig: { ...solution.solutionConfig, ...given(solutionUpdateConfig ?? {}) },
        updatedAt: world.now,
      });
      return told(solution);
    },

    CreateSolutionVersion(input) {
      const { solutionArn, trainingMode, name } = read(inputs.createSolutionVersion, input);
      if (trainingMode === 'AUTOTRAIN')
        throw invalid('Expected FULL or UPDATE as trainingMode, got AUTOTRAIN.');
      const solution = register.active('solution', solutionArn);
      return told(
        jobs.train(solution, { trainingMode, trainingType: 'MANUAL', name: name ?? solution.name }),
      );
    },

    GetSolutionMetrics(input) {
      const { solutionVersionArn } = read(inputs.metrics, input);
      const version = register.active('solution-version', solutionVersionArn);
      return { solutionVersionArn, metrics: version.metrics };
    },

    CreateCampaign(input) {
      const { name, ...details } = read(inputs.createCampaign, input);
      const version = deployable(details.solutionVersionArn, details.campaignConfig);
      const path = `campaign/${name}`;
      return told(register.put('campaign', path, name, given(details), version.datasetGroupArn));
    },

    UpdateCampaign(input) {
      const { campaignArn, ...changes } = read(inputs.updateCampaign, input);
      const campaign = register.active('campaign', campaignArn);
      const { update } = campaign;
      const { now } = world;
      if (update && updateStatusOf(update.updatedAt, now) !== 'ACTIVE') {
        throw inUse(`The campaign is being updated: ${campaignArn}`);
      }
      const { solutionVersionArn, minProvisionedTPS, campaignConfig } = update ?? campaign;
      const before = { solutionVersionArn, minProvisionedTPS, ...(campaignConfig && { campaignConfig }) };
      const after = { ...before, ...given(changes) };
      deployable(after.solutionVersionArn, after.campaignConfig);
      resources.change<'campaign'>(campaign, { ...before, update: { ...after, updatedAt: now } });
      return told(campaign);
    },

    CreateMetricAttribution(input) {
      const { name, ...details } = read(inputs.createMetricAttribution, input);
      const { datasetGroupArn } = details;
      register.active('dataset-group', datasetGroupArn);
      const other = resources
        .all('metric-attribution')
        .find((each) => each.datasetGroupArn === datasetGroupArn);
      if (other) throw alreadyExists(other.arn);
      return told(register.put('metric-attribution', `metric-attribution/${name}`, name, given(details)));
    },

    UpdateMetricAttribution(input) {
      const { metricAttributionArn = '', ...changes } = read(inputs.updateMetricAttribution, input);
      const attribution = register.active('metric-attribution', metricAttributionArn);
      const metrics = attribution.metrics.filter(
        ({ metricName }) => !changes.removeMetrics.includes(metricName),
      );
      metrics.push(...changes.addMetrics.filter((added) => !metrics.some((each) => isSame(each, added))));
      if (metrics.length > MOST_METRICS) throw invalid(`Expected at most ${MOST_METRICS} metrics.`);
      resources.change<'metric-attribution'>(attribution, {
        metrics,
        ...(changes.metricsOutputConfig && { metricsOutputConfig: changes.metricsOutputConfig }),
        updatedAt: world.now,
      });
      return told(attribution);
    },
  };

  /** The version that a campaign is to serve, if it is done. */
  function deployable(
    arn: string,
    config: CampaignConfig | Partial<Record<keyof CampaignConfig, unknown>> | undefined,
  ): ResourceOf<'solution-version'> {
    if (!arn.endsWith(LATEST)) {
      if (!config?.syncWithLatestSolutionVersion) return register.active('solution-version', arn);
      throw invalid('With syncWithLatestSolutionVersion, solutionVersionArn must be SolutionArn/$LATEST.');
    }
    const solution = register.active('solution', arn.slice(0, -LATEST.length));
    const version = world.versionsOf(solution.arn).find((each) => resources.isActive(each));
    if (version) return version;
    throw notFound(`The solution has no version that is ACTIVE: ${solution.arn}`);
  }
}

const KNOWN = [...RECIPES.keys()].join(', ');

function isSame(one: Metric, other: Metric): boolean {
  return one.metricName === other.metricName;
}
