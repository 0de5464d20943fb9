import { Readable } from 'node:stream'
import { type Locker, Server } from '@tus/server'
import type { Clock } from '../../clock.js'
import { receiveBody } from '../../receive-body.js'
import type { TusDataStore } from './datastore.js'
import { TUS_PATH } from './path.js'

export interface ExchangeOptions {
  readonly store: TusDataStore
  readonly locker: Locker
  readonly clock: Clock
  /** How the upload of an operation is called. */
  idOf(operationId: string): string
}

/** Lets the tus server answer. Its body is watched: it may stall, be told to stop by the signal, and is counted. Throws why, where it was not the protocol that refused. */
export type Exchange = (request: Request, signal: AbortSignal, onBytes: (bytes: number) => void) => Promise<Response>

/** How long a request may go on with what is already here when another one asks for its upload, milliseconds. */
const DRAIN_MS = 1000
const UPLOAD_ID = /^[0-9a-f]{64}$/

/** What `@tus/server` does, with everything that a client says held away from the store. */
export function createExchange({ store, locker, clock, idOf }: ExchangeOptions): Exchange {
  /** Why a request failed, where it was not the protocol that refused. */
  const failures = new WeakMap<Request, Error>()

  const server = new Server({
    path: `/${TUS_PATH}`,
    datastore: store,
    locker,
    lockDrainTimeout: DRAIN_MS,
    disableTerminationForFinishedUploads: true,
    // Relative to the request, so that hosts, mounts and proxies do not matter.
    generateUrl: (_request, { id }) => `${TUS_PATH}/${id}`,
    getFileIdFromRequest: (request) => uploadIn(new URL(request.url).pathname),
    // Neither a name nor a path of a client's reaches the store; what it says of the file is in the operation's record.
    namingFunction: (_request, metadata) => idOf(metadata?.['operation_id'] ?? ''),
    onUploadCreate: async (_request, { metadata }) => ({ metadata: { operation_id: metadata?.['operation_id'] ?? null } }),
    onResponseError(request, error) {
      if (error instanceof Error && !isOfTheProtocol(error)) failures.set(request, error)
      return undefined
    },
  })

  return async (request, signal, onBytes) => {
    let broken: { readonly reason: unknown } | undefined
    async function* watched() {
      try {
        for await (const chunk of receiveBody(request.body, clock, signal)) {
          onBytes(chunk.byteLength)
          yield chunk
        }
      } catch (reason) {
        // For the store the body ends here: what has come is kept, and its sender goes on from there.
        broken = { reason }
      }
    }
    const { method, url, headers } = request
    const chunks = watched()
    const body = request.body && { body: Readable.toWeb(Readable.from(chunks)) as ReadableStream<Uint8Array>, duplex: 'half' }
    const passed = new Request(url, { method, headers, ...body })
    try {
      const response = await server.handleWeb(passed)
      if (broken !== undefined) throw broken.reason
      const failure = failures.get(passed)
      if (failure !== undefined) throw failure
      // CORS is the server's as a whole.
      for (const name of [...response.headers.keys()]) if (name.startsWith('access-control-')) response.headers.delete(name)
      return response
    } finally {
      // A store that failed leaves the rest where it is.
      void chunks.return()
    }
  }
}

/** Most of what the protocol refuses is no `Error`; a body that is longer than it was said to be is one, with its status. */
function isOfTheProtocol(error: Error): boolean {
  return 'status_code' in error && Number(error.status_code) < 500
}

/** The upload that a path ends with. */
export function uploadIn(path: string): string | undefined {
  const id = path.split('/').at(-1) ?? ''
  return UPLOAD_ID.test(id) ? id : undefined
}
