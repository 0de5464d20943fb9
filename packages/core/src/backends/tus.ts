import { apiError, storageError } from '../http/policy/classify.js'
import { sendWithHeaders, type HeadersOption } from '../http/policy/headers.js'
import { inTime } from '../http/policy/in-time.js'
import { isRecord, type TusPlan } from '../protocol/index.js'
import type { Follow } from '../realtime/follow.js'
import { isOk } from '../strategies/answer.js'
import type { FileToSend } from '../strategies/signed.js'
import type { UploadStrategy } from '../strategies/strategy.js'
import { isGone, tusError } from '../strategies/tus/answers.js'
import { fitMetadata } from '../strategies/tus/metadata.js'
import { isTusCheckpoint } from '../strategies/tus/pieces.js'
import { createTusStrategy } from '../strategies/tus/tus-strategy.js'
import { absolute } from './absolute.js'
import type { UploadBackendFactory } from './backend.js'
import { directBackend } from './direct-backend.js'
import { readUploadId } from './upload-id.js'

/** What `tus` takes. Only `endpoint` is needed. */
export interface TusOptions {
  /** Where uploads are created. */
  readonly endpoint: string
  /** Sent to the endpoint's origin and to no other. A function is asked for each request, and once more where the server says that they have expired. */
  readonly headers?: HeadersOption
  /**
   * `Upload-Metadata`: names without spaces and commas, and any text.
   * @default filename, filetype, relativePath, and those of the item's metadata that are texts, numbers or booleans
   */
  readonly metadata?: (file: Omit<FileToSend, 'signal'>) => Readonly<Record<string, string>>
  /** Most bytes of one request, where a server or a proxy has a limit. @default all that is left of the file */
  readonly chunkBytes?: number
  /** Pieces of one file that may be sent at the same time, where the server can put them together (`concatenation`). @default 1 */
  readonly parallel?: number
  /** What the server can do besides the core protocol, in the words of its `Tus-Extension`. @default the server is asked, once */
  readonly extensions?: readonly string[]
  /** `followUploads()` from `@upload-panel/core/follow`: an upload is processing until `realtime` says that it is done. */
  readonly follow?: Follow
  /** By which id it is followed. @default the last part of its address, as tusd and `@tus/server` call it */
  readonly uploadId?: (url: string) => string
}

/** How long the server may take for what has no bytes, in milliseconds. */
const ANSWER_MS = 30_000

/**
 * Sends files to a tus server, such as tusd, `@tus/server`, or those of Supabase and Cloudflare. What was cut goes on where the server has got to.
 * An item's `result` is `{ url }`. A cancelled upload is deleted on the server, where that can.
 *
 * @example
 * createUploader({ backend: tus({ endpoint: 'https://tusd.tusdemo.net/files/' }) })
 */
export function tus(options: TusOptions): UploadBackendFactory {
  return directBackend(({ clock, http, baseUrl }) => {
    const endpoint = absolute('the tus server', options.endpoint, baseUrl)
    const strategy = createTusStrategy({ refusal: apiError, ...(options.headers !== undefined && { headers: options.headers }) })
    const plan: TusPlan = {
      kind: 'tus',
      endpoint,
      ...(options.chunkBytes !== undefined && { chunk_bytes: options.chunkBytes }),
      ...(options.parallel !== undefined && { parallel: options.parallel }),
      ...(options.extensions !== undefined && { extensions: options.extensions }),
    }

    async function terminate(url: string, signal: AbortSignal): Promise<void> {
      const { origin } = new URL(endpoint)
      const headers = new URL(url).origin === origin ? options.headers : undefined
      const response = await inTime(clock, ANSWER_MS, signal, (ends) =>
        sendWithHeaders(headers, origin, ends, (own) =>
          http.send({ method: 'DELETE', url, headers: { ...own, 'Tus-Resumable': '1.0.0' }, signal: ends }),
        ),
      )
      const { status } = response
      // Servers that cannot delete keep it until it expires.
      if (isOk(response) || isGone(response) || status === 405 || status === 501) return
      throw tusError('DELETE', response, clock.now(), apiError)
    }

    return {
      strategy: {
        // Not "tus": a strategy for the plans of a server, which these are not, would take their place.
        kind: 'tus-direct',
        async upload(source, _plan, context) {
          const { name, size, type } = source
          const metadata = (options.metadata ?? fitMetadata)({ name, size, type, ...context.item })
          const { result } = await strategy.upload(source, { ...plan, metadata }, context)
          if (options.follow === undefined || !isRecord(result) || typeof result['url'] !== 'string') return { result }
          const operationId = readUploadId((options.uploadId ?? lastPart)(result['url']))
          return { result, ...(operationId !== undefined && { operationId }) }
        },
      },
      address: () => endpoint,
      ...options.follow,
      async cancel(_operationId, signal, checkpoint) {
        if (!isTusCheckpoint(checkpoint)) return undefined
        for (const url of checkpoint.urls) if (url !== null) await terminate(url, signal)
        return undefined
      },
    }
  })
}

function lastPart(url: string): string {
  return decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '')
}

/** For `strategies`, where a server of yours plans uploads of the kind `tus`. */
export function tusStrategy(): UploadStrategy<TusPlan> {
  return createTusStrategy({ refusal: storageError })
}
