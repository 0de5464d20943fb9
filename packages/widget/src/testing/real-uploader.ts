import { browserEnvironment, createUploader, type UploadItem, type Uploader, type UploaderOptions } from '@upload-panel/core'
import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import {
  createMemoryServer,
  createMemoryTransport,
  createTestEnvironment,
  type MemoryServer,
  type PendingRequest,
} from '@upload-panel/core/testing'

/** A real uploader, and in the test's hands all that is around it: the server, the network, and time but for the browser's own frames. */
export interface RealUploader {
  readonly uploader: Uploader
  readonly server: MemoryServer
  /** Requests for bytes so far, oldest first. */
  readonly requests: readonly PendingRequest[]
  item(name: string): UploadItem
  /** The server's word on a file, through realtime. */
  say(name: string, word: Partial<SyncStatusUpdate>): void
}

export function realUploader(options: Partial<UploaderOptions> = {}): RealUploader {
  const server = createMemoryServer()
  const transport = createMemoryTransport()
  const world = createTestEnvironment()
  server.onWord(transport.deliver)
  transport.connect()
  const environment = { ...world, nextFrame: browserEnvironment().nextFrame }
  const uploader = createUploader({ backend: server.backend, realtime: transport.factory, ...options, environment })
  const item = (name: string) => {
    const found = uploader.items().find((candidate) => candidate.name === name)
    if (!found) throw new Error(`No item is named ${name}.`)
    return found
  }
  return {
    uploader,
    server,
    requests: world.requests,
    item,
    say: (name, word) => void server.say(item(name).operationId ?? '', word),
  }
}
