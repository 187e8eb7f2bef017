import { JobFailed } from './errors.ts';

/**
 * The records of a CSV file (RFC 4180), the header among them; empty lines are none.
 * @throws JobFailed where a quotation mark is never closed
 */
export function* recordsOf(text: string): Generator<string[]> {
  const { length } = text;
  let at = text.startsWith('\ufeff') ? 1 : 0;
  while (at < length) {
    const fields: string[] = [];
    for (;;) {
      let field: string;
      if (text[at] === '"') [field, at] = quoted(text, at + 1);
      else [field, at] = plain(text, at);
      fields.push(field);
      if (text[at] !== ',') break;
      at += 1;
    }
    if (text[at] === '\r') at += 1;
    if (text[at] === '\n') at += 1;
    if (fields.length > 1 || fields[0] !== '') yield fields;
  }
}

function plain(text: string, from: number): [field: string, at: number] {
  let at = from;
  while (at < text.length && text[at] !== ',' && text[at] !== '\n' && text[at] !== '\r') at += 1;
  return [text.slice(from, at), at];
}

function quoted(text: string, from: number): [field: string, at: number] {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] === '"') continue;
    const rest = plain(text, at + 1);
    return [text.slice(from, at).replaceAll('""', '"') + rest[0], rest[1]];
  }
  throw new JobFailed('The input CSV has a quotation mark that is never closed.');
}
