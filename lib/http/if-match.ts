import * as z from 'zod';

/** `If-Match: "<version>"`: do it only if the resource is still at this version; `*`: at whatever it is. */
export const ifMatch = z.object({
  'if-match': z
    .string()
    .regex(/^(\*|"[1-9]\d{0,8}")$/, 'Expected the version in double quotes, as ETag gave it, or *')
    .transform((tag) => (tag === '*' ? undefined : Number(tag.slice(1, -1))))
    .optional(),
});
