const FIRST_MS = 25;
const LONGEST_MS = 1_000;
/** Rounds that may get nothing done, about 4 s of waiting, before the caller hears of it. */
const ROUNDS = 10;

/** Waits before attempt number `attempt` + 1: a random part of 25 ms, doubled with each attempt, at most 1 s. */
export async function backOff(attempt: number): Promise<void> {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1));
  await new Promise((resolve) => setTimeout(resolve, Math.random() * longest));
}

/**
 * Sends a batch until nothing of it is left: what a throttled service hands back unprocessed is sent again after
 * a pause. Throws where ten rounds in a row got nothing done.
 */
export async function sendAll<Part>(
  parts: readonly Part[],
  send: (parts: readonly Part[]) => Promise<readonly Part[]>,
): Promise<void> {
  let left = await send(parts);
  let before = parts.length;
  for (let idle = 0; left.length > 0; before = left.length, left = await send(left)) {
    idle = left.length < before ? 1 : idle + 1;
    if (idle > ROUNDS) throw new Error(`${left.length} of ${parts.length} parts of a batch stay unprocessed`);
    await backOff(idle);
  }
}
