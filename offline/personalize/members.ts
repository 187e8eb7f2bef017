/** Members whose own members are names that somebody gave, and stay as they are. */
const MAPS = [
  'algorithmHyperParameters',
  'featureTransformationParameters',
  'itemExplorationConfig',
  'rankingInfluence',
];

/** Members as the API names them, from the capitals of CloudFormation and of state machines. */
export function lowered(value: unknown): unknown {
  return renamed(value, (name) => name.charAt(0).toLowerCase() + name.slice(1));
}

/** Members as state machines name them, from the API's small letters. */
export function raised(value: unknown): unknown {
  return renamed(value, (name) => name.charAt(0).toUpperCase() + name.slice(1));
}

function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((each) => renamed(each, rename));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      rename(name),
      isMap(name, member) ? member : renamed(member, rename),
    ]),
  );
}

function isMap(name: string, member: unknown): boolean {
  const own = name.charAt(0).toLowerCase() + name.slice(1);
  // Of a solution version they are a map, of a metric attribution a list.
  return MAPS.includes(own) || (own === 'metrics' && !Array.isArray(member));
}
