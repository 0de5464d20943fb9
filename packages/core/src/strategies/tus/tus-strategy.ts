import { type FileSource, Upload } from 'tus-js-client'
import type { HttpResponse } from '../../http/http-client.js'
import { hasExpired, headersFor, type HeadersOption } from '../../http/policy/headers.js'
import { isRecord, readTusPlan, type TusPlan } from '../../protocol/index.js'
import type { StorageRequest, TransferContext, UploadSource, UploadStrategy } from '../strategy.js'
import { isOk, readLocation, tusError, type Refusal } from './answers.js'
import { createExtensions } from './extensions.js'
import { createHttpStack, type Exchange } from './http-stack.js'

/** At most this much goes with the creation, in bytes: where an upload is, is told by the answer, and what was cut before it is lost. */
const CREATION_BYTES = 2 * 2 ** 20
/** Pieces that go in parallel are at least this large, in bytes: each costs two requests. */
const MIN_PIECE_BYTES = 5 * 2 ** 20
const MAX_PIECES = 100

export interface TusStrategyOptions {
  /** Sent to the origins that the plan names, and to no other. Asked for each request. */
  readonly headers?: HeadersOption
  readonly refusal: Refusal
}

/** tus 1.0 by tus-js-client, which decides what is sent next; how it is sent, repeated and remembered is the engine's. */
export function createTusStrategy({ headers, refusal }: TusStrategyOptions): UploadStrategy<TusPlan> {
  const extensionsOf = createExtensions()
  return {
    kind: 'tus',
    readPlan(raw, resolve) {
      const plan = readTusPlan(raw)
      if (plan?.upload_url === undefined) return plan && { ...plan, endpoint: resolve(plan.endpoint) }
      return { ...plan, endpoint: resolve(plan.endpoint), upload_url: resolve(plan.upload_url) }
    },
    upload: (source, plan, context) => untilAborted(context.signal, () => upload(source, plan, context)),
  }

  async function upload(source: UploadSource, plan: TusPlan, context: TransferContext) {
    const exchange = createExchange(plan, context)
    const { endpoint } = plan
    const extensions = async () => new Set(plan.extensions ?? (await extensionsOf(endpoint, exchange, context.signal)))
    const urls = plan.upload_url === undefined ? (readUrls(context.checkpoint.load()) ?? (await newUrls())) : [plan.upload_url]
    const pieces = cut(source, urls.length)
    const goesAlong = urls.some((url) => url === null) && (await canGoAlong())
    const progress = createProgress(context.onProgress)
    let failure: { readonly thrown: unknown } | undefined

    await Promise.all(
      pieces.map(async (piece, index) => {
        try {
          await sendPiece(piece, index)
        } catch (thrown) {
          // What is under way may still arrive, and what arrived need not be sent again. Nothing new is begun.
          failure ??= { thrown }
        }
      }),
    )
    if (failure !== undefined) throw failure.thrown
    const url = urls.length === 1 ? urls[0] : await concatenate()
    return url == null ? {} : { result: { url } }

    async function newUrls(): Promise<(string | null)[]> {
      const most = Math.min(plan.parallel ?? 1, Math.floor(source.size / MIN_PIECE_BYTES), context.parallelism(endpoint))
      const isCut = most > 1 && (await extensions()).has('concatenation')
      return Array.from({ length: isCut ? most : 1 }, () => null)
    }

    async function canGoAlong(): Promise<boolean> {
      const first = Math.min(plan.chunk_bytes ?? Infinity, pieces[0]?.size ?? 0)
      return first > 0 && first <= CREATION_BYTES && (await extensions()).has('creation-with-upload')
    }

    function keep(index: number, url: string | null): void {
      urls[index] = url
      if (plan.upload_url === undefined) context.checkpoint.save({ urls: [...urls] })
    }

    function sendPiece(piece: FileSource, index: number): Promise<void> {
      return new Promise((resolve, reject) => {
        const url = urls[index]
        let hasTaken = false
        const tus = new Upload(NOT_READ, {
          httpStack: createHttpStack({
            exchange(request, accepts) {
              if (failure !== undefined) throw failure.thrown
              return exchange(pieces.length > 1 ? withHeaders(request, { 'Upload-Concat': 'partial' }) : request, accepts)
            },
            size: piece.size,
            createsAnew: plan.upload_url === undefined,
            onBroken: () => keep(index, null),
            onTaken() {
              hasTaken = true
            },
          }),
          fileReader: { openFile: () => Promise.resolve(piece) },
          endpoint,
          ...(url != null && { uploadUrl: url }),
          ...(plan.metadata !== undefined && pieces.length === 1 && { metadata: plan.metadata }),
          ...(plan.chunk_bytes !== undefined && { chunkSize: plan.chunk_bytes }),
          uploadDataDuringCreation: goesAlong,
          // The engine's own: the item's checkpoint in place of the browser's storage, and its queue in place of a list of delays.
          fingerprint: () => Promise.resolve(''),
          storeFingerprintForResuming: false,
          retryDelays: null,
          onUploadUrlAvailable: () => keep(index, tus.url),
          onProgress: (sent) => progress(index, sent),
          onSuccess: () => resolve(),
          onError: (error) => (hasTaken ? resolve() : reject(causeOf(error))),
        })
        context.signal.addEventListener('abort', () => void tus.abort(), { once: true })
        tus.start()
      })
    }

    /** "The client concatenates the partial uploads by sending a POST request." */
    async function concatenate(): Promise<string> {
      const metadata = Object.entries(plan.metadata ?? {}).map(([key, value]) => `${key} ${base64(value)}`)
      const response = await exchange({
        method: 'POST',
        url: endpoint,
        headers: {
          'Tus-Resumable': '1.0.0',
          'Upload-Concat': `final;${urls.join(' ')}`,
          ...(metadata.length > 0 && { 'Upload-Metadata': metadata.join(',') }),
        },
      })
      return readLocation(response, endpoint)
    }
  }

  function createExchange(plan: TusPlan, context: TransferContext): Exchange {
    const named = new Set([plan.endpoint, plan.upload_url].flatMap((url) => (url === undefined ? [] : [new URL(url).origin])))
    return async (request, accepts = isOk) => {
      const { origin } = new URL(request.url)
      const isNamed = named.has(origin)
      const send = (attempt: number): Promise<HttpResponse> =>
        context.send(request.url, async () => {
          // With the slot in hand: a token does not live long.
          const own = isNamed ? { ...plan.headers, ...(await headersFor(headers, origin, attempt, context.signal)) } : {}
          return withHeaders(request, own)
        })
      let response = await send(1)
      if (isNamed && typeof headers === 'function' && hasExpired(response)) response = await send(2)
      if (!accepts(response)) throw tusError(response, context.now(), refusal)
      return response
    }
  }
}

/** tus-js-client wants a file, and reads it through its `fileReader`, which is ours: a source need not be a file. */
const NOT_READ = new Blob()

/** A file in pieces, each as tus-js-client reads a file. */
function cut(source: UploadSource, count: number): readonly FileSource[] {
  const bytes = Math.floor(source.size / count)
  return Array.from({ length: count }, (_, index) => {
    const from = index * bytes
    const size = index === count - 1 ? source.size - from : bytes
    return {
      size,
      slice: async (start: number, end: number) => ({
        value: await source.slice(from + start, from + Math.min(end, size)),
        done: end >= size,
      }),
      close() {},
    }
  })
}

/** The protocol's own headers have the last word. */
function withHeaders(request: StorageRequest, more: Readonly<Record<string, string>>): StorageRequest {
  return { ...request, headers: { ...more, ...request.headers } }
}

/** Bytes of the whole file out of the bytes of its pieces. */
function createProgress(onProgress: (sentBytes: number) => void): (index: number, sentBytes: number) => void {
  const sent: number[] = []
  let total = 0
  return (index, sentBytes) => {
    total += sentBytes - (sent[index] ?? 0)
    sent[index] = sentBytes
    onProgress(total)
  }
}

/** Where each piece of the file is, `null` where it was not created; out of what an earlier run left. */
function readUrls(saved: unknown): (string | null)[] | undefined {
  const urls = isRecord(saved) ? saved['urls'] : undefined
  const isUrl = (url: unknown): url is string | null => url === null || (typeof url === 'string' && URL.canParse(url))
  return Array.isArray(urls) && urls.length > 0 && urls.length <= MAX_PIECES && urls.every(isUrl) ? [...urls] : undefined
}

/** tus-js-client wraps what it was thrown in an error of its own. */
function causeOf(error: Error): unknown {
  return 'causingError' in error && error.causingError != null ? error.causingError : error
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}

/** What `work` settles with; at once with the signal's reason, whatever `work` still waits for. */
function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    work().then(resolve, reject)
  })
}
