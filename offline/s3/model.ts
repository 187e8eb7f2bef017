/** The checksums that S3 knows, by the names of its API. */
export type ChecksumAlgorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256';

/** A checksum of an object. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; of a composite checksum with `-` and the number of parts behind it. */
  readonly value: string;
  readonly type: ChecksumType;
}

export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

/** A file of bytes; it belongs to exactly one object version or one part. */
export interface Blob {
  readonly name: string;
  readonly size: number;
}

interface VersionFacts {
  readonly key: string;
  /** `null` (the word) for what was written while the bucket was not versioned. */
  readonly versionId: string;
  /** Rises with every write to any bucket. */
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly lastModified: number;
}

/** A version with bytes. */
export interface StoredObject extends VersionFacts {
  readonly kind: 'object';
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly blobs: readonly Blob[];
  /** What a read repeats: content type and its like, `x-amz-meta-*`, `x-amz-storage-class`, encryption. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly checksum?: Checksum;
  /** Present on what a multipart upload made. */
  readonly parts?: readonly { readonly number: number; readonly size: number; readonly checksum?: string }[];
  readonly uploadId?: string;
}

/** A version that hides the older ones. */
export interface DeleteMarker extends VersionFacts {
  readonly kind: 'delete-marker';
}

export type Version = StoredObject | DeleteMarker;

/** A multipart upload under way. */
export interface Upload {
  readonly uploadId: string;
  readonly key: string;
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly initiated: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Absent where the client chose none: the store then keeps a CRC64NVME of the whole. */
  readonly algorithm?: ChecksumAlgorithm;
  readonly checksumType: ChecksumType;
}

/** A part of a multipart upload, as it was last sent. */
export interface Part {
  readonly number: number;
  readonly blob: Blob;
  /** MD5 of the part in hexadecimal. */
  readonly etag: string;
  /** Base64, of the upload's algorithm. */
  readonly checksum: string;
  /** Milliseconds since the epoch. */
  readonly lastModified: number;
}

/** A notification that a queue has not taken yet. */
export interface Owed {
  readonly id: number;
  readonly bucketArn: string;
  readonly queueArn: string;
  /** The event as JSON. */
  readonly body: string;
}

export type Versioning = 'Unversioned' | 'Enabled' | 'Suspended';
