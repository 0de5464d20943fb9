const MIB = 2 ** 20

/** Bounds that the server keeps, whatever a client asks for. */
export interface Limits {
  /** Bytes of one file. @default 5 TiB, what S3 takes */
  readonly maxFileBytes: number
  /** Largest file that may come in one PUT, bytes. @default 5 GiB, what S3 takes */
  readonly maxPutBytes: number
  /** A file above it is sent in parts where the client has no preference, bytes. @default 5 MiB */
  readonly multipartFromBytes: number
  /** Bytes of a part but the last. @default 5 MiB, S3's least */
  readonly minPartBytes: number
  /** Bytes of a JSON body. @default 2 MiB: `complete` of 10,000 parts with their ETags and checksums */
  readonly maxBodyBytes: number
  /** How deep a JSON body may be nested. @default 32 */
  readonly maxBodyDepth: number
  /** Fields and entries of a JSON body together. @default 100000: `complete` of 10,000 parts has 40,000 */
  readonly maxBodyValues: number
  /** Address and headers of a request together, characters. @default 16384, what Node takes */
  readonly maxHeaderLength: number
  /** Metadata of one file, characters of JSON. @default 16384 */
  readonly maxMetadataLength: number
  /** Result of a `process` hook, characters of JSON. @default 65536 */
  readonly maxResultLength: number
  /** How long a signed URL lasts, milliseconds. @default 1 hour */
  readonly urlExpiresMs: number
  /** How long the server waits for an upload's bytes, milliseconds. @default 24 hours */
  readonly uploadExpiresMs: number
  /** `process` hooks that run at once. @default 4 */
  readonly processConcurrency: number
  /** Event streams that are open at once. @default 10000 */
  readonly maxEventStreams: number
  /** Event streams of one subject that are open at once, where not everyone is one subject. @default 100 */
  readonly maxEventStreamsPerSubject: number
  /** Files of one job. Several nodes may take some more. @default 100000 */
  readonly maxFilesPerJob: number
  /** How long a subscribe token lasts, milliseconds. @default 5 minutes */
  readonly subscribeTokenExpiresMs: number
}

export const DEFAULT_LIMITS: Limits = {
  maxFileBytes: 5 * 2 ** 40,
  maxPutBytes: 5 * 2 ** 30,
  multipartFromBytes: 5 * MIB,
  minPartBytes: 5 * MIB,
  maxBodyBytes: 2 * MIB,
  maxBodyDepth: 32,
  maxBodyValues: 100_000,
  maxHeaderLength: 16_384,
  maxMetadataLength: 16_384,
  maxResultLength: 65_536,
  urlExpiresMs: 60 * 60_000,
  uploadExpiresMs: 24 * 60 * 60_000,
  processConcurrency: 4,
  maxEventStreams: 10_000,
  maxEventStreamsPerSubject: 100,
  maxFilesPerJob: 100_000,
  subscribeTokenExpiresMs: 5 * 60_000,
}

/** The limits with defaults for what is not given. Throws a `TypeError` that names what is no positive number. */
export function resolveLimits(given: Partial<Limits> = {}): Limits {
  const limits = { ...DEFAULT_LIMITS, ...given }
  for (const [name, value] of Object.entries(limits)) {
    if (!(value > 0)) throw new TypeError(`limits.${name} must be a positive number, not ${String(value)}.`)
  }
  return limits
}
