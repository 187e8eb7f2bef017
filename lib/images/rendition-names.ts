/** Every rendition, without what it takes to make them: who only shows photos has no use for that. */
export const RENDITION_NAMES = ['square', 'small', 'medium', 'large', 'xlarge', 'large-jpeg'] as const;

export type RenditionName = (typeof RENDITION_NAMES)[number];
