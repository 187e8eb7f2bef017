// @ts-expect-error The module is missing on purpose.
import { nothing } from './does-not-exist.ts';

export const handler = async () => nothing;
