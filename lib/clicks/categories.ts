/** Developer Guide of Personalize, "Items dataset schema requirements": one longer value fails a whole import. */
const MAX_LENGTH = 1_000;

/** Tags as Personalize takes categories, `|` between them: as many, from the first, as it takes. */
export function categoriesOf(tags: readonly string[]): string {
  let text = '';
  for (const tag of tags) {
    const longer = text === '' ? tag : `${text}|${tag}`;
    if (longer.length > MAX_LENGTH) break;
    text = longer;
  }
  return text;
}
