/** As much of an SDK client as is needed to stand between it and its calls. */
interface Client {
  readonly middlewareStack: {
    add(
      middleware: (next: (args: never) => Promise<never>) => (args: never) => Promise<never>,
      options: object,
    ): void;
    remove(name: string): boolean;
  };
}

export class Killed extends Error {
  override readonly name = 'Killed';
}

/**
 * Runs `work` and does something at its call number `at` (from 0), over all clients: `before` and `after` kill the
 * work there, so that this call and all later ones fail, the first of them with or without its effect; a function
 * is run before the call. Answers how many calls there were; what `work` throws when killed is swallowed.
 */
export async function interrupted(
  clients: readonly Client[],
  at: number,
  what: 'before' | 'after' | (() => Promise<unknown>),
  work: () => Promise<unknown>,
): Promise<number> {
  let calls = 0;
  const middleware = (next: (args: never) => Promise<never>) => async (args: never) => {
    const number = calls++;
    if (typeof what === 'function') {
      if (number === at) await what();
      return next(args);
    }
    if (number > at || (number === at && what === 'before')) throw new Killed(`Killed at call ${at}`);
    const answer = await next(args);
    if (number === at) throw new Killed(`Killed after call ${at}`);
    return answer;
  };
  const options = { step: 'initialize', priority: 'high', name: 'interruption' };
  for (const { middlewareStack } of clients) middlewareStack.add(middleware, options);
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  } finally {
    for (const { middlewareStack } of clients) middlewareStack.remove('interruption');
  }
  return calls;
}
