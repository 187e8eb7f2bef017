import * as z from 'zod';

/** `If-Match: "<version>"`: do it only if the resource is still at this version. */
export const ifMatch = z.object({
  'if-match': z
    .string()
    .regex(/^"[1-9]\d{0,8}"$/, 'Expected the version in double quotes, as ETag gave it')
    .transform((tag) => Number(tag.slice(1, -1)))
    .optional(),
});
