import { parseArgs } from 'node:util';
import { crashRounds, type Round } from './crash/crash.ts';

/**
 * `npm run crash -- --rounds 50 --seed 1`: kills the running stack again and again while people use it, and
 * looks whether everything that was acknowledged is there afterwards, once. Ends with 1 where it isn't, and
 * leaves the state folder for a look.
 */
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' } },
});
const [rounds, seed] = [Number(values.rounds), Number(values.seed)];
if (!(Number.isInteger(rounds) && rounds > 0 && Number.isInteger(seed))) {
  console.error(`Expected whole numbers for --rounds and --seed, got ${values.rounds} and ${values.seed}.`);
  process.exit(2);
}

const ended = await crashRounds({
  rounds,
  seed,
  onRound: (
    { loadMs, recoveryMs, photos, items, objects, announcements, interactions, also, violations },
    number,
  ) => {
    console.log(
      `${String(number).padStart(3)}  killed after ${loadMs} ms, ready again in ${recoveryMs.toFixed(0)} ms: ` +
        `${photos} photos, ${items} items, photos with objects ${objects}, ${announcements} announcements, ${interactions} interactions` +
        (also.length > 0 ? `; ${also.join(', ')}` : ''),
    );
    for (const violation of violations) console.log(`       VIOLATION ${violation}`);
  },
});

const recoveries = ended.rounds.map(({ recoveryMs }) => recoveryMs).sort((a, b) => a - b);
const sum = (part: (round: Round) => number) => ended.rounds.reduce((total, round) => total + part(round), 0);
console.log(
  `\n${ended.rounds.length} rounds with seed ${seed}, ${sum(({ violations }) => violations.length)} violations; ` +
    `ready again in ${recoveries[recoveries.length >> 1]?.toFixed(0)} ms in the median, ${recoveries.at(-1)?.toFixed(0)} ms at most.`,
);
if (ended.stateDir) {
  console.log(`The state is left in ${ended.stateDir}.`);
  process.exitCode = 1;
}
