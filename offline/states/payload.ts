import { runtimeError } from './errors.ts';
import { evaluate, NothingThere, parseExpression, type Scope } from './intrinsics.ts';

/**
 * Makes the payload that a template describes: names that end in `.$` are replaced by what their path or
 * intrinsic function gives. Source: Amazon States Language, "Payload Template".
 */
export function fill(template: unknown, scope: Scope): unknown {
  if (Array.isArray(template)) return template.map((item) => fill(item, scope));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) =>
      name.endsWith('.$')
        ? [name.slice(0, -2), resolved(name, String(value), scope)]
        : [name, fill(value, scope)],
    ),
  );
}

/**
 * What a path or function gives for the field of this name.
 *
 * @throws StateFailed `States.Runtime`, in the words of AWS, where a path names nothing
 */
export function resolved(field: string, text: string, scope: Scope): unknown {
  try {
    return evaluate(parseExpression(text), scope);
  } catch (error) {
    if (!(error instanceof NothingThere)) throw error;
    const missing = `could not be found in the input '${error.input}'`;
    if (text.startsWith('$')) {
      throw runtimeError(`The JSONPath '${text}' specified for the field '${field}' ${missing}`);
    }
    const argument = `The JsonPath argument for the field '${error.path}' ${missing}`;
    throw runtimeError(`The function '${text}' had the following error: ${argument}`);
  }
}

/** @throws Error naming what in a template is neither a path nor a function */
export function checkTemplate(template: unknown): void {
  if (typeof template !== 'object' || template === null) return;
  for (const [name, value] of Object.entries(template)) {
    if (!name.endsWith('.$')) checkTemplate(value);
    else if (typeof value === 'string') parseExpression(value);
    else throw new Error(`expected a path or a function for ${name}, received ${JSON.stringify(value)}`);
  }
}
