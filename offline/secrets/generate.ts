import { randomInt } from 'node:crypto';
import * as z from 'zod';

const LOWERCASE = 'abcdefghijklmnopqrstuvwxyz';
const NUMBERS = '0123456789';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/** Templates give booleans as such or as texts. */
const flag = (otherwise: boolean) => z.stringbool().or(z.boolean()).default(otherwise);

/** The `GenerateSecretString` property of `AWS::SecretsManager::Secret`. */
export const generateSecretString = z
  .object({
    PasswordLength: z.coerce.number().int().min(1).max(4096).default(32),
    ExcludeCharacters: z.string().default(''),
    ExcludeLowercase: flag(false),
    ExcludeUppercase: flag(false),
    ExcludeNumbers: flag(false),
    ExcludePunctuation: flag(false),
    IncludeSpace: flag(false),
    RequireEachIncludedType: flag(true),
    SecretStringTemplate: z.string().optional(),
    GenerateStringKey: z.string().optional(),
  })
  .refine((given) => (given.SecretStringTemplate === undefined) === (given.GenerateStringKey === undefined), {
    message: 'SecretStringTemplate and GenerateStringKey go together',
  });

export type Recipe = z.output<typeof generateSecretString>;

/**
 * Makes a secret: a password, or the template's JSON object with the password in it. Its randomness is the
 * system's, never the seeded one.
 * @throws Error where the recipe leaves no character, or more kinds than places
 */
export function generateSecret(recipe: Recipe): string {
  const password = generatePassword(recipe);
  if (recipe.SecretStringTemplate === undefined) return password;
  const object = JSON.parse(recipe.SecretStringTemplate) as Record<string, unknown>;
  return JSON.stringify({ ...object, [recipe.GenerateStringKey as string]: password });
}

function generatePassword(recipe: Recipe): string {
  const kinds = kindsOf(recipe);
  const alphabet = kinds.join('');
  if (alphabet === '') throw new Error('the secret may have no character at all');
  const required = recipe.RequireEachIncludedType ? kinds : [];
  if (required.length > recipe.PasswordLength) {
    throw new Error(`${required.length} kinds of characters do not fit into ${recipe.PasswordLength}`);
  }
  const free = Array<string>(recipe.PasswordLength - required.length).fill(alphabet);
  return shuffled([...required, ...free].map((from) => from[randomInt(from.length)] as string)).join('');
}

function kindsOf(recipe: Recipe): string[] {
  const kinds = [
    recipe.ExcludeLowercase ? '' : LOWERCASE,
    recipe.ExcludeUppercase ? '' : LOWERCASE.toUpperCase(),
    recipe.ExcludeNumbers ? '' : NUMBERS,
    recipe.ExcludePunctuation ? '' : PUNCTUATION,
    recipe.IncludeSpace ? ' ' : '',
  ];
  const allowed = (kind: string) => [...kind].filter((each) => !recipe.ExcludeCharacters.includes(each));
  return kinds.map((kind) => allowed(kind).join('')).filter((kind) => kind !== '');
}

function shuffled(characters: string[]): string[] {
  for (let at = characters.length - 1; at > 0; at--) {
    const other = randomInt(at + 1);
    [characters[at], characters[other]] = [characters[other] as string, characters[at] as string];
  }
  return characters;
}
