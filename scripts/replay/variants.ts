import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import * as z from 'zod';
import type { Rows } from '../../lib/clicks/rows.ts';
import type { Choice } from '../../lib/recommendations/choose.ts';
import type { Model } from '../../lib/recommendations/model.ts';
import type { Variant } from '../../lib/recommendations/replay.ts';
import { train } from '../../lib/recommendations/train.ts';

const weight = z.number().min(0).max(100).default(0);
const recipe = z.strictObject({
  weights: z.strictObject({
    trending: weight,
    cosine: weight,
    sequence: weight,
    ease: weight,
    factors: weight,
  }),
  halfLife: z.number().positive().nullable().default(null),
});

/** A file of `--choice`: recipes, and penalties where they are to be other than those that training chose. */
const choiceFile = z.strictObject({
  recipes: z.strictObject({ few: recipe, some: recipe, many: recipe }),
  easePenalty: z.number().positive().optional(),
  factors: z.strictObject({ unobserved: z.number().positive(), penalty: z.number().positive() }).optional(),
});

type ChoiceFile = z.infer<typeof choiceFile>;

/**
 * Reads a choice.
 * @throws Error naming the file, what was expected and what came
 */
export function readChoice(path: string): ChoiceFile {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`Expected a JSON file for --choice, got ${path}: ${(error as Error).message}`);
  }
  const parsed = choiceFile.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new Error(`Expected recipes in ${path}:\n${z.prettifyError(parsed.error)}`);
}

/**
 * What is compared: the model as it would be trained and serve, then each choice, each with every share of places for
 * trying out; undefined is the share of the service. Only other penalties need a training of their own.
 */
export function variantsOf(
  rows: Rows,
  choices: ReadonlyMap<string, ChoiceFile>,
  explores: readonly number[],
  { seed, now }: { readonly seed: number; readonly now: number },
): Variant[] {
  const trained = train(rows.interactions, rows.items, { seed, now });
  const models: [string, Model][] = [['trained', trained]];
  for (const [path, { recipes, easePenalty, factors }] of choices) {
    const choice: Choice = {
      recipes,
      easePenalty: easePenalty ?? trained.easePenalty,
      factors: factors ?? trained.factors.options,
    };
    const isLearntAnew = easePenalty !== undefined || factors !== undefined;
    const model = isLearntAnew
      ? train(rows.interactions, rows.items, { seed, now, choice })
      : { ...trained, recipes };
    models.push([basename(path, '.json'), model]);
  }
  return models.flatMap(([name, model]) =>
    [undefined, ...explores].map((explore) => ({
      name: explore === undefined ? name : `${name}, explore ${explore}`,
      model,
      explore,
    })),
  );
}
