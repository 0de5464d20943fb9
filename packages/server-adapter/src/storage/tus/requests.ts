import { Metadata } from '@tus/server'
import type { Clock } from '../../clock.js'
import { createCoalescer } from '../../coalesce.js'
import { Refusal } from '../../errors.js'
import type { Logger } from '../../logger.js'
import type { StorageNews } from '../object-storage.js'
import { tooFewBytes, tooManyBytes, uploadGone } from '../refusals.js'
import { type Grant, readGrant } from '../signed-urls.js'
import { findUpload, isWhole, type TusDataStore } from './datastore.js'
import { type Exchange, uploadIn } from './exchange.js'
import { TUS_PATH } from './path.js'
import type { Writers } from './writers.js'

export interface RequestsOptions {
  readonly store: TusDataStore
  readonly exchange: Exchange
  readonly writers: Writers
  readonly secret: string
  readonly clock: Clock
  readonly logger: Logger
  idOf(operationId: string): string
  remove(operationId: string): Promise<void>
  /** Refuses where there is no room for so many bytes. */
  refuseFullDisk(bytes: number): Promise<void>
}

const PROGRESS_INTERVAL_MS = 1000

/** Answers the requests of tus, and tells the server what they bring. `path` is relative to the mount. */
export function createRequests(options: RequestsOptions): (request: Request, path: string, news: StorageNews) => Promise<Response> {
  const { store, exchange, writers, secret, clock, logger, idOf, remove, refuseFullDisk } = options

  /** "Upload-Metadata" of the plan is the permission: for that operation, of that size, until then. */
  function admit(request: Request): Grant {
    const { operation_id, permission } = readMetadata(request.headers.get('upload-metadata'))
    const grant = readGrant(secret, 'PUT', operation_id ?? '', new URLSearchParams(permission ?? ''), clock.now())
    const length = Number(request.headers.get('upload-length') ?? 0)
    if (length > grant.size) throw tooManyBytes(grant.size)
    if (length < grant.size) throw tooFewBytes(length, grant.size)
    return grant
  }

  /** Sends bytes on to the store, and the news of them to the server. */
  async function receive(request: Request, { operationId, size }: Pick<Grant, 'operationId' | 'size'>, offset: number, news: StorageNews) {
    const progress = createCoalescer<{ readonly bytes: number }>({
      clock,
      intervalMs: PROGRESS_INTERVAL_MS,
      write: ({ bytes }) =>
        news
          .progressed(operationId, bytes)
          .catch((error: unknown) => logger.warn('The progress of an upload was not recorded.', { operationId, error })),
    })
    let received = offset
    function onBytes(bytes: number): void {
      received += bytes
      if (received < size) progress.push({ bytes: received })
    }
    try {
      const response = await writers.write(idOf(operationId), request.signal, (signal) => exchange(request, signal, onBytes))
      if (response.status >= 500) await refuseFullDisk(size - offset)
      if (response.ok && Number(response.headers.get('upload-offset') ?? 0) === size) {
        // Of what is complete nobody wants to hear how far it is.
        progress.stop()
        await news.arrived(operationId)
      }
      return response
    } finally {
      await progress.flush()
      progress.stop()
    }
  }

  async function create(request: Request, news: StorageNews): Promise<Response> {
    const grant = admit(request)
    const { operationId, size } = grant
    const existing = await findUpload(store, idOf(operationId))
    const isExpected = await news.isExpected(operationId)
    if (existing !== undefined && isWhole(existing)) {
      // The answer to an earlier creation was lost.
      if (isExpected) await news.arrived(operationId)
      return alreadyThere(idOf(operationId), size)
    }
    if (!isExpected) throw uploadGone()
    // Its sender has lost where it is: what is there is begun anew.
    if (existing !== undefined) await remove(operationId)
    return receive(request, grant, 0, news)
  }

  async function change(request: Request, id: string, news: StorageNews): Promise<Response> {
    const upload = await findUpload(store, id)
    const operationId = upload?.metadata?.['operation_id']
    if (upload === undefined || operationId == null) throw uploadGone()
    if (request.method === 'PATCH') return receive(request, { operationId, size: upload.size ?? 0 }, upload.offset, news)
    const response = await ask(request)
    if (request.method === 'DELETE' && response.ok) await news.withdrawn(operationId)
    return response
  }

  const ask = (request: Request) => exchange(request, request.signal, () => {})

  return (request, path, news) => {
    if (request.method === 'OPTIONS') return ask(request)
    if (request.method === 'POST' && path === TUS_PATH) return create(request, news)
    const id = uploadIn(path)
    if (id === undefined || !/^(HEAD|PATCH|DELETE)$/.test(request.method)) throw new Refusal(404, 'unknown_route', 'There is nothing here.')
    return change(request, id, news)
  }
}

function readMetadata(header: string | null): Readonly<Record<string, string | null>> {
  try {
    return Metadata.parse(header ?? undefined)
  } catch {
    return {}
  }
}

function alreadyThere(id: string, size: number): Response {
  const headers = { 'tus-resumable': '1.0.0', location: `${TUS_PATH}/${id}`, 'upload-offset': String(size) }
  return new Response(null, { status: 201, headers })
}
