import { malformedXml } from './errors.ts';

/**
 * What an element holds when it is written: lists repeat the element, undefined leaves it out. A name may
 * carry attributes behind a space.
 */
export type XmlValue = string | number | boolean | undefined | XmlMembers | readonly XmlValue[];

/** Elements by name, in order. */
export interface XmlMembers {
  readonly [element: string]: XmlValue;
}

/** An element as it was read. `text` is only that of the element itself. */
export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

// The deepest document that S3 takes here is Delete/Object/Key.
const depthLimit = 10;

/** Renders a document of S3's namespace. */
export function renderXml(root: string, content: XmlMembers | string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${renderContent(content)}</${root}>`
  );
}

function renderElement([name, value]: [string, XmlValue]): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.map((item) => renderElement([name, item])).join('');
  return `<${name}>${renderContent(value as Exclude<XmlValue, undefined>)}</${name.split(' ', 1)[0]}>`;
}

function renderContent(value: Exclude<XmlValue, undefined>): string {
  if (typeof value === 'object') return Object.entries(value).map(renderElement).join('');
  return escapeText(String(value));
}

/** Characters that a parser would change or refuse are written as references, as S3 does. */
function escapeText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these need a reference
  return text.replace(/[&<>"'\u0000-\u001f\u007f\ufffe\uffff]/g, (character) => {
    return entityOf[character] ?? `&#x${character.charCodeAt(0).toString(16)};`;
  });
}

const entityOf: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

const characterOf: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

// One token: a declaration, a comment, a character section, a tag, or text up to the next of these.
const token =
  /<\?xml[^<>]*\?>|<!--(?:(?!--)[\s\S])*-->|<!\[CDATA\[[\s\S]*?\]\]>|<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|[^<]+/y;

/**
 * Reads the document of a request. Document types, processing instructions, and entities other than XML's
 * own five are refused: they serve attacks only.
 * @throws ServiceError MalformedXML
 */
export function parseXml(body: Buffer): XmlElement {
  const source = decodeUtf8(body).replace(/^\ufeff/, '');
  const document = open('');
  const path = [document];
  token.lastIndex = 0;
  while (token.lastIndex < source.length) {
    const at = token.lastIndex;
    const match = token.exec(source);
    if (!match) throw malformedXml(`unexpected markup at character ${at}`);
    const [whole, closing, name, , empty] = match;
    const current = path.at(-1) as OpenElement;
    if (name === undefined) addText(whole, current, at);
    else if (closing) close(name, path);
    else {
      const element = open(name.replace(/^.*:/, ''));
      current.children.push(element);
      if (!empty) path.push(element);
      if (path.length > depthLimit) throw malformedXml(`more than ${depthLimit} levels`);
    }
  }
  const [root, second] = document.children;
  if (path.length > 1) throw malformedXml(`${path.at(-1)?.name} is not closed`);
  if (!root || second || document.text.trim() !== '') throw malformedXml('expected one root element');
  return root;
}

/** The text of the first child of this name. */
export function childText(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text;
}

/** Throws ServiceError MalformedXML unless the root is called `name`. */
export function expectRoot(root: XmlElement, name: string): XmlElement {
  if (root.name === name) return root;
  throw malformedXml(`expected a root element ${name}, received ${root.name}`);
}

interface OpenElement extends XmlElement {
  readonly children: OpenElement[];
  text: string;
}

function open(name: string): OpenElement {
  return { name, children: [], text: '' };
}

function close(name: string, path: OpenElement[]): void {
  const element = path.length > 1 ? path.pop() : undefined;
  if (element?.name !== name.replace(/^.*:/, '')) {
    throw malformedXml(`unexpected end of ${name}`);
  }
}

function addText(whole: string, element: OpenElement, at: number): void {
  if (whole.startsWith('<!--')) return;
  if (whole.startsWith('<?')) {
    if (at > 0) throw malformedXml('a declaration may stand at the beginning only');
    return;
  }
  element.text += whole.startsWith('<![CDATA[') ? whole.slice(9, -3) : resolveReferences(whole);
}

function resolveReferences(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/&([^;&]{0,10});?/g, (reference, name: string) => {
    const character = reference.endsWith(';') ? (characterOf.get(name) ?? numbered(name)) : undefined;
    if (character === undefined) throw malformedXml(`unknown reference ${reference}`);
    return character;
  });
}

function numbered(name: string): string | undefined {
  const digits = /^#(?:x([0-9a-fA-F]+)|([0-9]+))$/.exec(name);
  if (!digits) return undefined;
  const code = digits[1] ? Number.parseInt(digits[1], 16) : Number(digits[2]);
  const surrogate = code >= 0xd800 && code <= 0xdfff;
  return code === 0 || code > 0x10ffff || surrogate ? undefined : String.fromCodePoint(code);
}

function decodeUtf8(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw malformedXml('the document is not UTF-8');
  }
}
