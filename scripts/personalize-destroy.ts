import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { PersonalizeClient } from '@aws-sdk/client-personalize';
import { takeDown } from './personalize/take-down.ts';
import { runningStack } from './running-stack.ts';

/** Deleting a campaign takes minutes on AWS, and seconds here. */
const PAUSE_MS = { aws: 5_000, local: 250 };
const LOOKS = 360;

/**
 * `npm run personalize:destroy -- [--stage STAGE] [--yes]`: deletes what the training of the recommender made beside
 * the stack, so that CloudFormation can remove the rest. Without --yes it says what that is. Without a stage it means
 * the stack that runs on this machine; with one, AWS and the credentials of the environment.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      stage: { type: 'string' },
      region: { type: 'string' },
      yes: { type: 'boolean', default: false },
    },
  });
  const { stage = 'local', region = 'eu-west-1', yes: really } = values;
  const isLocal = values.stage === undefined;
  const client = new PersonalizeClient(isLocal ? runningStack() : { region });
  const found = await takeDown(client, {
    ...{ stage, really, looks: LOOKS },
    log: (line) => console.log(line),
    pause: () => setTimeout(isLocal ? PAUSE_MS.local : PAUSE_MS.aws),
  });
  if (found === 0) console.log(`Nothing of ${stage} is there that training made.`);
  else if (!really) throw new Error('Nothing was deleted: say --yes to delete all of this.');
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
