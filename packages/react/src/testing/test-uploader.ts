import { createUploader, type Uploader, type UploaderOptions } from '@upload-panel/core'
import { createMemoryServer, createMemoryTransport, createTestEnvironment, createTestFile, settle } from '@upload-panel/core/testing'

/** The real engine in a world that stands still until the test moves it. */
export interface TestUploader {
  readonly uploader: Uploader
  /** Adds files `1.txt`, `2.txt`, … and lets them begin, up to a hundred at once. Answers their ids. */
  add(count: number, bytes?: number): Promise<readonly string[]>
  /** The network takes bytes of a file that is being sent. */
  send(id: string, sentBytes: number): void
  /** Views are told. */
  paint(): void
  /** The network takes bytes of a file that is being sent, and the page is painted. */
  progress(id: string, sentBytes: number): void
  /** The server speaks of a file, and the page is painted. */
  say(id: string, stage: string): void
  /** Listeners that `$ids`, `$items` and `$summary` have now. */
  listeners(): number
}

/** Options for an uploader in such a world, and the world. */
export function createTestWorld() {
  const environment = createTestEnvironment()
  const server = createMemoryServer()
  const transport = createMemoryTransport()
  server.onWord(transport.deliver)
  transport.connect()
  const options: UploaderOptions = { backend: server.backend, realtime: transport.factory, environment, requestSlots: 100 }
  return { environment, server, transport, options }
}

export function createTestUploader(): TestUploader {
  const { environment, server, options } = createTestWorld()
  const uploader = createUploader(options)
  const operationOf = (id: string) => uploader.$item(id).get()?.operationId ?? ''
  const send = (id: string, sentBytes: number) =>
    environment.requests.find(({ url }) => url.endsWith(`/${operationOf(id)}`))?.progress(sentBytes)
  return {
    uploader,
    async add(count, bytes = 100) {
      const first = uploader.items().length + 1
      const ids = uploader.add(Array.from({ length: count }, (_, index) => createTestFile(`${first + index}.txt`, bytes)))
      await settle()
      environment.paint()
      return ids
    },
    send,
    paint: environment.paint,
    progress(id, sentBytes) {
      send(id, sentBytes)
      environment.paint()
    },
    say(id, stage) {
      server.say(operationOf(id), { stage })
      environment.paint()
    },
    listeners: () => uploader.$ids.lc + uploader.$items.lc + uploader.$summary.lc,
  }
}
