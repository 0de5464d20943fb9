import { createReadStream, existsSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
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
const FILE_PATH = /^\/files\/([0-9a-f]+)$/

/** tus as its own reference server for Node speaks it, with files on the disk. It allows any origin. */
export async function startTus({ directory, hooks, port, expiresInMs }: TusOptions): Promise<TusService & Stoppable> {
  const tus = new Server({
    ...hooks,
    path: PATH,
    datastore: new FileStore({ directory, expirationPeriodInMilliseconds: expiresInMs ?? 0 }),
  })
  const http: HttpService = await serveHttp((request, response) => {
    // In Node 24.21 its answer to a GET can end the process when the reader goes away (https://github.com/nodejs/undici/issues/5715).
    if (request.method === 'GET') return sendFile(directory, request, response)
    return tus.handle(request, response)
  }, port)
  return { endpoint: `${http.url}${PATH}`, stop: () => http.stop() }
}

async function sendFile(directory: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, name = ''] = FILE_PATH.exec(request.url ?? '') ?? []
  const path = join(directory, name)
  if (name === '' || !existsSync(path)) return void response.writeHead(404).end()
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'access-control-allow-origin': '*' })
  await pipeline(createReadStream(path), response)
}
