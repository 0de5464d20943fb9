import type { FileSource } from 'tus-js-client'
import { untilAborted } from '../../http/policy/in-time.js'
import { readTusPlan, type TusPlan } from '../../protocol/index.js'
import type { TransferContext, TransferResult, UploadSource, UploadStrategy } from '../strategy.js'
import { readLocation } from './answers.js'
import { createExchange, withHeaders, type Exchange, type ExchangeOptions } from './exchange.js'
import { createExtensions } from './extensions.js'
import { checkMetadata, encodeMetadata } from './metadata.js'
import { createPieceProgress, cutIntoPieces, isTusCheckpoint, MAX_PIECES, type TusCheckpoint } from './pieces.js'
import { sendPiece } from './send-piece.js'

/** At most this much goes with the creation, in bytes: where an upload is, is told by the answer, and what was cut before it is lost. */
const CREATION_BYTES = 2 * 2 ** 20
/** In bytes. */
const MIN_PIECE_BYTES = 5 * 2 ** 20

export interface TusStrategyOptions extends ExchangeOptions {
  /** Pieces that go in parallel are at least this large, in bytes: each costs two requests. @default 5242880 (5 MiB) */
  readonly minPieceBytes?: number
}

/** tus 1.0 by tus-js-client, which decides what is sent next; how it is sent, repeated and remembered is the engine's. */
export function createTusStrategy({ minPieceBytes = MIN_PIECE_BYTES, ...options }: TusStrategyOptions): UploadStrategy<TusPlan> {
  const extensionsOf = createExtensions()

  async function upload(source: UploadSource, plan: TusPlan, context: TransferContext): Promise<TransferResult> {
    const { endpoint, upload_url: givenUrl, metadata = {}, chunk_bytes: chunkBytes = Infinity } = plan
    checkMetadata(metadata)
    const exchange = createExchange(plan, context, options)
    const extensions = async () => new Set(plan.extensions ?? (await extensionsOf(endpoint, exchange, context.signal)))
    const urls = [...(givenUrl === undefined ? await resume() : [givenUrl])]
    const pieces = cutIntoPieces(source, urls.length)
    const goesAlong = urls.includes(null) && (await canGoAlong(Math.min(chunkBytes, pieces[0]?.size ?? 0)))
    const progress = createPieceProgress(context.onProgress)
    let failure: { readonly thrown: unknown } | undefined

    async function resume(): Promise<TusCheckpoint['urls']> {
      const saved = context.checkpoint.load()
      if (isTusCheckpoint(saved)) return saved.urls
      const most = Math.min(plan.parallel ?? 1, MAX_PIECES, Math.floor(source.size / minPieceBytes), context.parallelism(endpoint))
      const isCut = most > 1 && (await extensions()).has('concatenation')
      return Array.from({ length: isCut ? most : 1 }, () => null)
    }

    async function canGoAlong(bytes: number): Promise<boolean> {
      return bytes > 0 && bytes <= CREATION_BYTES && (await extensions()).has('creation-with-upload')
    }

    const asPiece: Exchange = async (request, accepts) => {
      if (failure !== undefined) throw failure.thrown
      return exchange(urls.length === 1 ? request : withHeaders(request, { 'Upload-Concat': 'partial' }), accepts)
    }

    async function send(piece: FileSource, index: number): Promise<void> {
      try {
        await sendPiece({
          piece,
          endpoint,
          url: urls[index] ?? null,
          createsAnew: givenUrl === undefined,
          metadata: urls.length === 1 ? metadata : {},
          chunkBytes,
          goesAlong,
          exchange: asPiece,
          onUrl(url) {
            urls[index] = url
            if (givenUrl === undefined) context.checkpoint.save({ urls: [...urls] } satisfies TusCheckpoint)
          },
          onProgress: (sentBytes) => progress(index, sentBytes),
        })
      } catch (thrown) {
        // What is under way may still arrive, and what arrived need not be sent again; but nothing new is begun.
        failure ??= { thrown }
      }
    }

    await Promise.all(pieces.map(send))
    if (failure !== undefined) throw failure.thrown
    const url = urls.length === 1 ? urls[0] : await concatenate(urls, plan, exchange)
    return url === null ? {} : { result: { url } }
  }

  return {
    kind: 'tus',
    readPlan(raw, resolve) {
      const plan = readTusPlan(raw)
      if (plan?.upload_url === undefined) return plan && { ...plan, endpoint: resolve(plan.endpoint) }
      return { ...plan, endpoint: resolve(plan.endpoint), upload_url: resolve(plan.upload_url) }
    },
    upload: (source, plan, context) => untilAborted(context.signal, () => upload(source, plan, context)),
  }
}

/** "The client creates the final upload" out of pieces that the server has. Tells where it is. */
async function concatenate(urls: TusCheckpoint['urls'], { endpoint, metadata = {} }: TusPlan, exchange: Exchange): Promise<string> {
  const words = encodeMetadata(metadata)
  const response = await exchange({
    method: 'POST',
    url: endpoint,
    // Not absent: what has a body may take its time with the answer, and a server may have to copy all of the file.
    body: new Blob(),
    headers: {
      'Tus-Resumable': '1.0.0',
      'Upload-Concat': `final;${urls.join(' ')}`,
      ...(words !== undefined && { 'Upload-Metadata': words }),
    },
  })
  return readLocation(response, endpoint)
}
