import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { StackEndpoint } from '../../offline/endpoint-file.ts';

/** Firehose keeps what it is given for a minute. */
const FIREHOSE_MS = 61_000;
/** The model is trained every five minutes where there is anything new. */
const TRAINING_MS = 300_000;
/** A training on Personalize waits for minutes at a time; here its pauses are jumped over. */
const LONGEST_TRAINING_MS = 6 * 3_600_000;
/** Less than any task may take: what is at work must not lose its time to a jump. */
const STEP_MS = 5_000;

/** What a demo does to the stack besides calling its API: time, faults, and the training of Personalize. */
export class Controls {
  readonly #endpoint: StackEndpoint;

  constructor(endpoint: StackEndpoint) {
    this.#endpoint = endpoint;
  }

  /** Lets everything reach the bucket and the table of interactions. */
  async stored(): Promise<void> {
    await this.#pass(FIREHOSE_MS);
  }

  /** Lets the built-in model be trained on what is stored. */
  async trained(): Promise<void> {
    await this.#pass(TRAINING_MS);
  }

  /** Runs the state machine that trains Personalize; answers its output. */
  async trainedPersonalize(): Promise<Record<string, unknown>> {
    const client = new SFNClient({
      region: 'eu-west-1',
      endpoint: this.#endpoint.gateway,
      credentials: this.#endpoint.developer,
    });
    const stateMachineArn =
      'arn:aws:states:eu-west-1:000000000000:stateMachine:afterparty-local-train-recommender';
    const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }));
    for (let ms = 0; ms < LONGEST_TRAINING_MS; ms += STEP_MS) {
      const { status, output, error, cause } = await client.send(
        new DescribeExecutionCommand({ executionArn }),
      );
      if (status === 'SUCCEEDED') return JSON.parse(output ?? '{}');
      if (status !== 'RUNNING') throw new Error(`The training ended as ${status}: ${error} ${cause}`);
      await this.#pass(STEP_MS);
    }
    throw new Error('The training did not end.');
  }

  /** Makes every call of Personalize end like this, or none any more. */
  async faultPersonalize(effect: object | undefined): Promise<void> {
    await this.#control('faults', undefined, 'DELETE');
    if (effect)
      await this.#control('faults', { faults: [{ name: 'personalize', service: 'personalize', effect }] });
  }

  async #pass(ms: number): Promise<void> {
    await this.#control('idle');
    await this.#control('clock', { advanceMs: ms });
    await this.#control('idle');
  }

  async #control(path: string, body?: object, method = body ? 'POST' : 'GET'): Promise<void> {
    const answer = await fetch(`${this.#endpoint.gateway}/_afterparty/${path}`, {
      method,
      headers: { 'x-afterparty-control': '1' },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  }
}
