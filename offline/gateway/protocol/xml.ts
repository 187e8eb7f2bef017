const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
};

/** Escapes text for an XML element; what XML 1.0 can't hold becomes U+FFFD. */
export function escapeXml(text: string): string {
  return (
    text
      .replace(/[&<>"\r]/g, (character) => ENTITIES[character] as string)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these may not stand in XML
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
  );
}

/**
 * Renders members as XML elements named after them: objects nest, lists become `<member>` elements, and the
 * members named in `maps` become `<entry><key/><value/></entry>`. Undefined members are left out.
 */
export function membersToXml(members: Readonly<Record<string, unknown>>, maps = new Set<string>()): string {
  return Object.entries(members)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(
      ([name, value]) => `<${name}>${maps.has(name) ? entries(value, maps) : content(value, maps)}</${name}>`,
    )
    .join('');
}

function content(value: unknown, maps: Set<string>): string {
  if (Array.isArray(value)) return value.map((item) => `<member>${content(item, maps)}</member>`).join('');
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object' && value !== null) return membersToXml({ ...value }, maps);
  return escapeXml(String(value));
}

function entries(map: unknown, maps: Set<string>): string {
  return Object.entries(map as Record<string, unknown>)
    .map(([key, value]) => `<entry>${membersToXml({ key, value }, maps)}</entry>`)
    .join('');
}
