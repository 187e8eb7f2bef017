import type { Background } from '../activity.ts';
import {
  type Answer,
  type Call,
  type Context,
  type Engine,
  type Need,
  ServiceError,
  type Stack,
} from '../contract.ts';
import { type Attributed, attributedIn } from './attribution.ts';
import { AutomaticTraining } from './automatic.ts';
import { datasetOperations, type Operations } from './datasets.ts';
import { provision } from './declared.ts';
import { servingOf } from './deployed.ts';
import { invalid } from './errors.ts';
import { putEvents, putRecords } from './events.ts';
import * as eventInputs from './events-input.ts';
import { read } from './input.ts';
import { inquiryOperations } from './inquiries.ts';
import { Jobs } from './jobs.ts';
import { needsOf } from './needs.ts';
import { getPersonalizedRanking, getRecommendations } from './recommendations.ts';
import { Register } from './register.ts';
import { removalOperations } from './removal.ts';
import * as runtimeInputs from './runtime-input.ts';
import { solutionOperations } from './solutions.ts';
import { World } from './world.ts';

/**
 * Personalize with its runtime and its events: what the stack declares and what is made through the control plane, and
 * recommendations by the built-in model.
 * @throws Error naming the resource of the template that Personalize would refuse
 */
export function createPersonalizeEngine(context: Context, stack: Stack): PersonalizeEngine {
  return new Personalize(context, stack);
}

/** Personalize, and what is told of it besides its API. */
export interface PersonalizeEngine extends Engine, Background {
  /** What metric attributions have counted. */
  attributed(): Attributed[];
}

class Personalize implements PersonalizeEngine {
  readonly service = 'personalize';
  readonly #world: World;
  readonly #jobs: Jobs;
  readonly #automatic: AutomaticTraining;
  readonly #operations: Operations;
  #closed = false;

  constructor(context: Context, stack: Stack) {
    this.#world = new World(context);
    provision(this.#world, stack);
    this.#jobs = new Jobs(this.#world);
    this.#automatic = new AutomaticTraining(this.#world, this.#jobs);
    const register = new Register(this.#world);
    this.#operations = {
      ...runtimeOperations(this.#world),
      ...datasetOperations(this.#world, register, this.#jobs),
      ...solutionOperations(this.#world, register, this.#jobs),
      ...inquiryOperations(this.#world, register),
      ...removalOperations(this.#world, register),
    };
    // S3, which jobs read from, is not there yet.
    void this.#world.jobs.during(new Promise(setImmediate).then(() => this.#closed || this.#jobs.goOn()));
  }

  get busy(): boolean {
    return this.#world.jobs.busy;
  }

  idle(): Promise<void> {
    return this.#world.jobs.idle();
  }

  attributed(): Attributed[] {
    return attributedIn(this.#world);
  }

  needs(call: Call): Need[] {
    return needsOf(this.#world, call);
  }

  async handle({ operation, input }: Call): Promise<Answer> {
    const run = Object.hasOwn(this.#operations, operation) ? this.#operations[operation] : undefined;
    if (run) return { output: run(input) };
    throw new ServiceError(
      'UnknownOperationException',
      `The local Personalize has no ${operation}; it has ${Object.keys(this.#operations).join(', ')}.`,
    );
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#automatic.close();
    this.#jobs.close();
    await this.#world.close();
  }
}

function runtimeOperations(world: World): Operations {
  return {
    GetRecommendations: (input) => getRecommendations(world, read(runtimeInputs.recommendations, input)),
    GetPersonalizedRanking: (input) => getPersonalizedRanking(world, read(runtimeInputs.ranking, input)),
    GetActionRecommendations(input) {
      const { campaignArn = '' } = read(runtimeInputs.actionRecommendations, input);
      throw invalid(`A campaign of ${servingOf(world, campaignArn).recipe.name} recommends no actions.`);
    },
    PutEvents(input) {
      putEvents(world, read(eventInputs.putEvents, input));
      return {};
    },
    PutItems(input) {
      const { datasetArn, items } = read(eventInputs.putItems, input);
      const records = items.map(({ itemId, properties }) => ({ id: itemId, properties }));
      putRecords(world, 'Items', datasetArn, records);
      return {};
    },
    PutUsers(input) {
      const { datasetArn, users } = read(eventInputs.putUsers, input);
      const records = users.map(({ userId, properties }) => ({ id: userId, properties }));
      putRecords(world, 'Users', datasetArn, records);
      return {};
    },
  };
}
