import { FileStore } from '@tus/file-store'
import { Server, type ServerOptions } from '@tus/server'
import { type HttpService, serveHttp } from './http-service.ts'
import type { ServiceOptions, Stoppable } from './service.ts'

/** What tests need to know of the tus server. */
export interface TusService {
  /** Where uploads are created. */
  readonly endpoint: string
}

export interface TusOptions extends ServiceOptions {
  /** What an application behind the server would do; `exposedHeaders` are those that its hooks add for browsers. */
  readonly hooks?: Partial<
    Pick<ServerOptions, 'onUploadCreate' | 'onUploadFinish' | 'onIncomingRequest' | 'onResponseError' | 'maxSize' | 'exposedHeaders'>
  >
  /** The port of a server before, whose folder this one takes over. */
  readonly port?: number
  /** How long an upload may take from its creation. @default for ever */
  readonly expiresInMs?: number
}

const PATH = '/files'

/** tus as its own reference server for Node speaks it, with files on the disk. It allows any origin. */
export async function startTus({ directory, hooks, port, expiresInMs }: TusOptions): Promise<TusService & Stoppable> {
  const tus = new Server({
    ...hooks,
    path: PATH,
    datastore: new FileStore({ directory, expirationPeriodInMilliseconds: expiresInMs ?? 0 }),
  })
  const http: HttpService = await serveHttp((request, response) => tus.handle(request, response), port)
  return { endpoint: `${http.url}${PATH}`, stop: () => http.stop() }
}
