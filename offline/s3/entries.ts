import type { Owed, Part, StoredObject, Upload, Version, Versioning } from './model.ts';

/**
 * One line of the journal: one change of state, whole. Notifications stand in the line of the change that
 * they tell of, so that a crash can't part the two.
 */
export type Entry =
  | { readonly op: 'bucket'; readonly bucket: string; readonly created: number }
  | { readonly op: 'versioning'; readonly bucket: string; readonly versioning: Versioning }
  | ({ readonly op: 'put'; readonly bucket: string; readonly version: Version } & Owing)
  | ({ readonly op: 'complete'; readonly bucket: string; readonly version: StoredObject } & Owing)
  | ({
      readonly op: 'remove';
      readonly bucket: string;
      readonly key: string;
      readonly versionId: string;
    } & Owing)
  | ({
      readonly op: 'tag';
      readonly bucket: string;
      readonly key: string;
      readonly versionId: string;
      readonly tags: Readonly<Record<string, string>>;
    } & Owing)
  | { readonly op: 'upload'; readonly bucket: string; readonly upload: Upload }
  | { readonly op: 'part'; readonly bucket: string; readonly uploadId: string; readonly part: Part }
  | { readonly op: 'abort'; readonly bucket: string; readonly uploadId: string }
  | ({ readonly op: 'owe' } & Owing)
  | { readonly op: 'delivered'; readonly id: number }
  | { readonly op: 'sequence'; readonly sequence: number };

interface Owing {
  readonly owed?: readonly Owed[];
}
