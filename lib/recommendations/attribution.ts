/** What may have answered, best first; docs/recommendations.md. */
export const SOURCES = ['personalize', 'last-list', 'built-in', 'trending', 'newest'] as const;
export type Source = (typeof SOURCES)[number];

/** Whom an experiment shows what: recommendations, or what is trending, to measure what they bring. */
export const ARMS = ['main', 'hold-out'] as const;
export type Arm = (typeof ARMS)[number];

/** Which answer brought somebody to a photo. */
export interface Attribution {
  readonly source: Source;
  readonly arm: Arm;
  /** Personalize's own id of its answer, else one of ours. */
  readonly id: string;
}

/** `<source>.<arm>.<id>`: what a client sends back says by itself what is to be credited. */
export function toRecommendationId({ source, arm, id }: Attribution): string {
  return `${source}.${arm}.${id}`;
}

/** What a client sent back, or undefined for what was never an answer's. */
export function attributionOf(recommendationId: string): Attribution | undefined {
  const [, source, arm, id] = /^([\w-]+)\.([\w-]+)\.([\w-]{1,90})$/.exec(recommendationId) ?? [];
  if (!isSource(source) || !isArm(arm) || id === undefined) return undefined;
  return { source, arm, id };
}

function isSource(name: string | undefined): name is Source {
  return SOURCES.some((source) => source === name);
}

function isArm(name: string | undefined): name is Arm {
  return ARMS.some((arm) => arm === name);
}
