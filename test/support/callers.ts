import { createHash, randomUUID } from 'node:crypto';
import type { Caller } from '../../lib/http/call.ts';
import type { Declared } from '../../lib/photos/create.ts';

/** Somebody who has never called before. */
export function aCallerNamed(username: string): Caller {
  return { userId: randomUUID(), username: `${username}-${randomUUID().slice(0, 8)}` };
}

/** The declaration of a file whose bytes nobody else has. */
export function aDeclaration(changes: Partial<Declared> = {}): Declared {
  return {
    caption: '',
    tags: [],
    visibility: 'public',
    contentType: 'image/jpeg',
    bytes: 1_000,
    sha256: createHash('sha256').update(randomUUID()).digest('base64'),
    ...changes,
  };
}
