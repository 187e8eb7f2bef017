import { type ClickRecord, clickRecord } from './click.ts';

/** The records of newline-delimited JSON, as the bucket keeps them, and how many lines are none. */
export function parseClicks(text: string): { readonly records: ClickRecord[]; readonly refused: number } {
  const records: ClickRecord[] = [];
  let refused = 0;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const record = parseLine(line);
    if (record) records.push(record);
    else refused += 1;
  }
  return { records, refused };
}

function parseLine(line: string): ClickRecord | undefined {
  try {
    return clickRecord.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
