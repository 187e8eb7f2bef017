/** What is said about a photo. */
export interface Described {
  readonly caption?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly visibility?: 'public' | 'followers' | 'private' | undefined;
  /** How exactly the photo's place is kept; the owner's choice for all of theirs holds unless given. */
  readonly locationPrecision?: 'exact' | 'street' | 'neighbourhood' | 'city' | 'none' | undefined;
}

/** What the API is told of a file before it is sent. */
export function declarationOf(
  file: Blob,
  sha256: string,
  described: Described | undefined,
  multipart: boolean,
): object {
  return { ...described, contentType: contentTypeOf(file), bytes: file.size, sha256, multipart };
}

/** Some systems know no type, or call JPEG by its extension; what the bytes are is found out by looking at them. */
function contentTypeOf({ type }: Blob): string {
  return type === '' || type === 'image/jpg' ? 'image/jpeg' : type;
}
