import { handOver } from './clicks.ts';
import { advanceHandIn } from './load.ts';
import { waitingIn } from './stored.ts';
import { enterAll, type World } from './world.ts';

const MINUTE_MS = 60_000;
/** A file of events that a worker died with is visible again after twelve minutes, and is received up to five times. */
const LONGEST_SETTLING_MINUTES = 70;

/** Ends what the load began and lets the stack come to rest; what it still holds then is a violation, in words. */
export async function settle(world: World): Promise<string[]> {
  await finishHandIns(world);
  await sendSomeAgain(world);
  return await rest(world);
}

/** Asks again, with the same keys, for whatever got no answer. */
async function finishHandIns(world: World): Promise<void> {
  const { ledger, stack } = world;
  for (let attempt = 0; ; attempt++) {
    const open = ledger.photos.filter(({ stored }) => !stored);
    for (const photo of open) await advanceHandIn(photo);
    if (open.every(({ stored }) => stored)) return;
    if (attempt === 10) throw new Error(`${open.length} photos could not be handed in again.`);
    // A request that died with its key holds it for 35 s.
    await stack.advance(MINUTE_MS);
    await enterAll(world);
  }
}

/** Every other client sends its events again that got no answer. The others stay what they are: unknown. */
async function sendSomeAgain({ ledger }: World): Promise<void> {
  const unanswered = ledger.lots.filter(({ answered }) => !answered);
  for (const [index, lot] of unanswered.entries()) if (index % 2 === 0) await handOver(lot);
}

/** Lets time pass until nothing is under way, and neither a queue nor a delivery stream holds anything. */
async function rest({ stack }: World): Promise<string[]> {
  let waiting: string[] = [];
  for (let minutes = 0; minutes < LONGEST_SETTLING_MINUTES; minutes++) {
    await stack.idle();
    // What pauses before it tries again isn't under way: a minute is the longest pause.
    await stack.advance(MINUTE_MS);
    await stack.idle();
    waiting = await waitingIn(stack);
    if (waiting.length === 0) return [];
  }
  return waiting;
}
