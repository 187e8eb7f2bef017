/** A policy of the template that can't be judged. The message begins with the place in the policy. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';

  constructor(where: string, problem: string) {
    super(`${where}: ${problem}`);
  }
}
