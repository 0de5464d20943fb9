import type { Clock } from '../clock.js'
import { ownError, UploadError } from '../errors.js'
import { inTime } from '../http/policy/in-time.js'
import { createSlots } from '../http/policy/slots.js'
import type { TransferContext, UploadSource } from './strategy.js'
import { usableUntil } from './validity.js'

/** A file, as a function of the page is told of it. */
export interface FileToSend {
  /** The item's. */
  readonly id: string
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** MIME type as the browser guessed it; may be empty. */
  readonly type: string
  /** Path below the dropped folder, with `/`. */
  readonly relativePath?: string
  readonly metadata: Readonly<Record<string, unknown>>
  /** Aborted when the upload is paused, cancelled or removed, or the answer is too late. */
  readonly signal: AbortSignal
}

/** What the page's function answered for one file. */
export interface Signed<T> {
  readonly first: T
  /** For a request that begins now: anew where the first one is too old. */
  use(): Promise<T>
  /** Nothing will be used any more. More than once does nothing. */
  release(): void
}

/** Files whose answer waits for a byte slot. More would grow old in the queue, and ask the page's server all at once; fewer would leave slots empty. */
const AHEAD = 12
/** A function of the page that has not answered after this many milliseconds will not. */
const ANSWER_MS = 30_000

/**
 * Asks a function of the page for what a file needs just before its bytes go out, whatever the length of the queue.
 * Rejects with an `UploadError`: as the function threw it; else a retryable one, for whoever signs may be back in a moment.
 */
export function createSigning<T extends { readonly expiresInS?: number | undefined }>(
  clock: Clock,
  sign: (file: FileToSend) => T | Promise<T>,
): (source: UploadSource, context: TransferContext) => Promise<Signed<T>> {
  const ahead = createSlots(() => AHEAD)

  async function ask(source: UploadSource, context: TransferContext) {
    const { id, relativePath, metadata } = context.item
    const { name, size, type } = source
    const askedAt = context.now()
    const value = await callPage(clock, context.signal, (signal) =>
      sign({ id, name, size, type, ...(relativePath !== undefined && { relativePath }), metadata, signal }),
    )
    return { value, usableUntil: value.expiresInS === undefined ? Infinity : usableUntil(askedAt, value.expiresInS) }
  }

  return async (source, context) => {
    const release = await ahead.take('', context.order(), context.signal)
    try {
      let signed = await ask(source, context)
      return {
        first: signed.value,
        release,
        async use() {
          release()
          if (signed.usableUntil <= context.now()) signed = await ask(source, context)
          return signed.value
        },
      }
    } catch (thrown) {
      release()
      throw thrown
    }
  }
}

async function callPage<T>(clock: Clock, signal: AbortSignal, call: (signal: AbortSignal) => T | Promise<T>): Promise<T> {
  try {
    return await inTime(clock, ANSWER_MS, signal, call, () => ownError('stalled', 'What this upload needs to begin did not come in time.'))
  } catch (cause) {
    signal.throwIfAborted()
    if (cause instanceof UploadError) throw cause
    // `fetch` rejects with a TypeError when there is no network.
    throw ownError(cause instanceof TypeError ? 'network' : 'server', 'What this upload needs to begin could not be had.', { cause })
  }
}
