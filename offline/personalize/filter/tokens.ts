import { FilterRefused } from './expression.ts';

export interface Token {
  readonly kind: 'word' | 'text' | 'number' | 'parameter' | 'sign' | 'end';
  /** As written, but a text without its quotes and a parameter without its `$`. */
  readonly value: string;
  /** The character it starts at, from 1. */
  readonly at: number;
}

const PATTERN =
  /(?:(?<word>[A-Za-z_]\w*)|"(?<text>[^"]*)"|(?<number>-?\d+(?:\.\d+)?)(?![\w.])|\$(?<parameter>\w+)|(?<sign><=|>=|!=|[=<>|(),.]))\s*/y;

/** Cuts an expression into tokens. @throws FilterRefused */
export function tokensOf(expression: string): Token[] {
  const tokens: Token[] = [];
  const end = expression.trimEnd().length;
  let from = expression.length - expression.trimStart().length;
  while (from < end) {
    PATTERN.lastIndex = from;
    const groups = PATTERN.exec(expression)?.groups;
    if (!groups) throw unreadable(expression, from);
    const [kind, value] = Object.entries(groups).find(([, found]) => found !== undefined) as [
      Token['kind'],
      string,
    ];
    tokens.push({ kind, value, at: from + 1 });
    from = PATTERN.lastIndex;
  }
  return [...tokens, { kind: 'end', value: '', at: end + 1 }];
}

/** How a message shows a token. */
export function shown({ kind, value }: Token): string {
  switch (kind) {
    case 'end':
      return 'the end';
    case 'text':
      return `"${value}"`;
    case 'parameter':
      return `$${value}`;
    default:
      return value;
  }
}

function unreadable(expression: string, from: number): FilterRefused {
  const rest = expression.slice(from);
  const at = from + 1;
  if (rest.startsWith('"')) return new FilterRefused(`Expected a closing " for the text at character ${at}.`);
  if (rest.startsWith("'")) {
    return new FilterRefused(`Expected a text in double quotes at character ${at}, got a single quote.`);
  }
  return new FilterRefused(
    `Expected a part of a filter expression at character ${at}, got ${rest.slice(0, 20)}.`,
  );
}
