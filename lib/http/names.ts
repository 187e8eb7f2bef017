import * as z from 'zod';
import { shown } from './expectation.ts';

/** What a query may ask for: names out of some, one or several with commas between them. */
export function namesOf<const Name extends string>(names: readonly Name[]) {
  const expected = `${names.join(', ')}: one, or several with commas between them`;
  const known: ReadonlySet<string> = new Set(names);
  return z
    .string()
    .transform((text, { addIssue }): Name[] => {
      const found = text.split(',');
      const unknown = found.find((name) => !known.has(name));
      if (unknown === undefined) return found as Name[];
      addIssue(`Expected ${expected}; received ${shown(unknown)}.`);
      return z.NEVER;
    })
    .optional()
    .meta({ description: `Of ${expected}.` });
}
