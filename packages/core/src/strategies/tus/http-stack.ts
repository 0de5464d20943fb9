import type { HttpStack, HttpResponse as TusResponse } from 'tus-js-client'
import { UploadError } from '../../errors.js'
import type { HttpResponse } from '../../http/http-client.js'
import { isOk } from '../answer.js'
import type { StorageRequest } from '../strategy.js'
import type { Exchange } from './exchange.js'
import { badAnswer, isGone, readBytes, readLocation } from './answers.js'

/** The upload that requests are about. */
export interface StackOptions {
  readonly exchange: Exchange
  /** Bytes of the whole upload. */
  readonly size: number
  /** Whether a new upload may take the place of one that is gone. */
  readonly createsAnew: boolean
  /** The server claims bytes that were never sent: nothing that it says of this upload can be believed. */
  onBroken(): void
  /** The server took the whole upload with its creation, and did not say where it is. */
  onTaken(): void
}

/** tus-js-client's way out. It believes answers as they come; here they are held against the protocol, and against what was sent. */
export function createHttpStack({ exchange, size, createsAnew, onBroken, onTaken }: StackOptions): HttpStack {
  async function create(request: StorageRequest): Promise<Answer> {
    const response = await exchange(request)
    const sent = bodyOf(request)
    const offset = readBytes(response, 'upload-offset') ?? 0
    if (sent > 0 && offset > sent) throw claimed()
    if (sent > 0 && offset === size && response.header('location') === undefined) onTaken()
    return { response, location: readLocation(response, request.url), offset }
  }

  /** Before anything goes on: how much of it is there, and is it this file at all. */
  async function ask(request: StorageRequest): Promise<Answer> {
    const response = await exchange(request, (answer) => isOk(answer) || (createsAnew && isGone(answer)))
    if (!isOk(response)) return { response }
    const offset = readBytes(response, 'upload-offset')
    const length = readBytes(response, 'upload-length')
    if (offset === undefined || length === undefined) throw noOffset()
    if (length === size && offset <= size) return { response, offset }
    if (!createsAnew) throw badAnswer('The upload on the server is one of another file.')
    // tus-js-client then creates another one.
    return { response, status: 404 }
  }

  async function append(request: StorageRequest): Promise<Answer> {
    const start = Number(request.headers?.['Upload-Offset'])
    const isLost = ({ status }: HttpResponse) => createsAnew && (status === 404 || status === 410)
    const response = await exchange(request, (answer) => isOk(answer) || isLost(answer))
    if (isLost(response)) throw new UploadError('server', 'The server has lost what it was sent. The upload begins anew.')
    const offset = readBytes(response, 'upload-offset')
    if (offset === undefined) throw noOffset()
    if (offset > start + bodyOf(request)) throw claimed()
    if (offset <= start) throw badAnswer('The server did not take the bytes that it was sent.', true)
    return { response, offset }
  }

  function claimed(): Error {
    onBroken()
    return badAnswer('The server says that it has more of the file than it was sent.')
  }

  return {
    getName: () => 'upload-panel',
    createRequest(method, url) {
      const headers: Record<string, string> = {}
      let onProgress: ((sentBytes: number) => void) | undefined
      return {
        getMethod: () => method,
        getURL: () => url,
        setHeader(name, value) {
          headers[name] = value
        },
        getHeader: (name) => headers[name],
        setProgressHandler(handler) {
          onProgress = handler
        },
        async send(body: unknown) {
          const request = { method, url, headers, ...(body instanceof Blob && { body }), ...(onProgress && { onProgress }) }
          const answer = await (method === 'HEAD' ? ask(request) : method === 'PATCH' ? append(request) : create(request))
          return toTusResponse(answer)
        },
        // The run's signal ends requests.
        abort: () => Promise.resolve(),
        getUnderlyingObject: () => undefined,
      }
    },
  }
}

/** An answer that was checked, and what was read out of it. */
interface Answer {
  readonly response: HttpResponse
  readonly status?: number
  readonly location?: string
  readonly offset?: number
}

function toTusResponse({ response, status = response.status, location, offset }: Answer): TusResponse {
  return {
    getStatus: () => status,
    getHeader(name) {
      if (name === 'Location') return location
      return name === 'Upload-Offset' ? offset?.toString() : response.header(name.toLowerCase())
    },
    getBody: () => response.text,
    getUnderlyingObject: () => undefined,
  }
}

function bodyOf({ body }: StorageRequest): number {
  return body instanceof Blob ? body.size : 0
}

function noOffset(): Error {
  // Perhaps a proxy answered in the server's place, and only now.
  return badAnswer('The server did not say how far the upload is. It has to expose Upload-Offset and Upload-Length to other origins.', true)
}
