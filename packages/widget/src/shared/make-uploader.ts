import { createUploader, httpBackend, type PersistenceFactory, type Uploader } from '@upload-panel/core'
import { lazyPersistence } from './lazy-persistence.js'
import { serverStream } from './server-stream.js'

/** What the attributes of a panel say about the uploader that it makes for itself. */
export interface UploaderSettings {
  readonly endpoint: string
  readonly realtime: 'sse' | 'polling' | 'none'
  readonly concurrency: number | undefined
  readonly accept: string
  readonly maxSize: number | undefined
  readonly maxFiles: number | undefined
  readonly noAutoStart: boolean
  readonly jobId: string | undefined
  readonly persist: string | undefined
}

/** An uploader for the server adapter that is mounted at the endpoint. */
export function makeUploader(settings: UploaderSettings): Uploader {
  const { endpoint, realtime, concurrency, noAutoStart, jobId, persist } = settings
  return createUploader({
    backend: httpBackend({ url: endpoint }),
    // Where nothing pushes, the uploader asks.
    ...(realtime === 'sse' && { realtime: serverStream(endpoint) }),
    ...(concurrency !== undefined && { concurrency }),
    // Read when files are added: the element's attributes may change meanwhile, and are what its drop zone says.
    restrictions: {
      get types() {
        return settings.accept.split(',')
      },
      get maxBytes() {
        return settings.maxSize
      },
      get maxFiles() {
        return settings.maxFiles
      },
    },
    autoStart: !noAutoStart,
    ...(jobId && { jobId }),
    ...(persist !== undefined && { persistence: lazyPersistence(() => loadPersistence(persist || endpoint)) }),
  })
}

async function loadPersistence(name: string): Promise<PersistenceFactory> {
  const { indexedDb } = await import('@upload-panel/core/indexed-db')
  return indexedDb({ name })
}
