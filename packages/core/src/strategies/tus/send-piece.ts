import { type FileSource, Upload } from 'tus-js-client'
import { createHttpStack } from './http-stack.js'
import type { Exchange } from './exchange.js'

export interface PieceOptions {
  readonly piece: FileSource
  readonly endpoint: string
  /** Where it is, if an earlier run, or the server, created it. */
  readonly url: string | null
  /** Whether a new upload may take the place of one that is gone. */
  readonly createsAnew: boolean
  readonly metadata: Readonly<Record<string, string>>
  readonly chunkBytes: number
  /** Its first chunk goes with its creation. */
  readonly goesAlong: boolean
  readonly exchange: Exchange
  /** Where it is; `null` where it turned out to be nowhere. */
  onUrl(url: string | null): void
  onProgress(sentBytes: number): void
}

/** tus-js-client wants a file, and reads it through its `fileReader`, which is ours: a source need not be a file. */
const NOT_READ = new Blob()

/** Sends one upload of tus, by tus-js-client. Resolves when the server has all of it. It is stopped by an `exchange` that rejects. */
export function sendPiece({ piece, url, onUrl, ...options }: PieceOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    let isTaken = false
    const upload = new Upload(NOT_READ, {
      httpStack: createHttpStack({
        exchange: options.exchange,
        size: piece.size,
        createsAnew: options.createsAnew,
        onBroken: () => onUrl(null),
        onTaken() {
          isTaken = true
        },
      }),
      fileReader: { openFile: () => Promise.resolve(piece) },
      endpoint: options.endpoint,
      uploadUrl: url,
      metadata: options.metadata,
      chunkSize: options.chunkBytes,
      uploadDataDuringCreation: options.goesAlong,
      // The engine's own: the item's checkpoint in place of the browser's storage, and its queue in place of a list of delays.
      fingerprint: () => Promise.resolve(''),
      storeFingerprintForResuming: false,
      retryDelays: null,
      onUploadUrlAvailable: () => onUrl(upload.url),
      onProgress: options.onProgress,
      onSuccess: () => resolve(),
      onError: (error) => (isTaken ? resolve() : reject(causeOf(error))),
    })
    upload.start()
  })
}

/** tus-js-client wraps what it was thrown in an error of its own. */
function causeOf(error: Error): unknown {
  return 'causingError' in error && error.causingError != null ? error.causingError : error
}
