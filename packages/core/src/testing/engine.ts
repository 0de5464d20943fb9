import type { UploadBackend } from '../backends/backend.js'
import { createUploader } from '../create-uploader.js'
import type { UploadError } from '../errors.js'
import type { ItemIn, UploadItem, UploadPhase } from '../item/item.js'
import type { UploaderOptions } from '../options.js'
import type { SyncStatusUpdate } from '../protocol/index.js'
import type { AddOptions, Uploader } from '../uploader.js'
import { settle } from './manual-clock.js'
import { createMemoryServer, type MemoryServer, type MemoryServerOptions } from './memory-server.js'
import { createMemoryTransport, type MemoryTransport } from './memory-transport.js'
import { createTestEnvironment, type PendingRequest, type TestEnvironment } from './test-environment.js'
import { createTestFile } from './test-file.js'

/** A whole uploader over a server in memory, and all that is around it in the hands of a test. */
export interface Engine {
  readonly uploader: Uploader
  readonly world: TestEnvironment
  readonly server: MemoryServer
  readonly transport: MemoryTransport
  /** Adds files of these sizes, in bytes, and lets everything happen that can. */
  add(sizes: readonly number[], options?: AddOptions): Promise<readonly string[]>
  item(id: string): UploadItem
  /** The item, which must be in a phase. */
  itemIn<P extends UploadPhase>(id: string, phase: P): ItemIn<P>
  /** The id of an item's operation on the server. */
  operation(id: string): string
  /** The requests for an item's bytes that wait for an answer. */
  waiting(id: string): readonly PendingRequest[]
  /** Phases of all items, in queue order. */
  phases(): readonly UploadPhase[]
  /** Calls of a route so far, such as `createUploads`. */
  calls(route: string): readonly string[]
}

export interface EngineOptions extends MemoryServerOptions {
  /** Whether what the transport says may be believed. @default true */
  readonly authoritative?: boolean
  /** Replaces calls of the backend. */
  readonly change?: (backend: UploadBackend) => Partial<UploadBackend>
  /** Calls that the backend does not have. */
  readonly without?: readonly 'probe'[]
  /** Takes the server's words in place of the transport, which else delivers them at once. */
  readonly onWord?: (update: SyncStatusUpdate) => void
}

export function startEngine(
  options: Partial<UploaderOptions> = {},
  { authoritative = true, change = () => ({}), without = [], onWord, ...serverOptions }: EngineOptions = {},
): Engine {
  const world = createTestEnvironment()
  const server = createMemoryServer(serverOptions)
  const transport = createMemoryTransport({ authoritative })
  server.onWord(onWord ?? transport.deliver)
  transport.connect()
  const uploader = createUploader({
    backend(context) {
      const backend = server.backend(context)
      const changed = { ...backend, ...change(backend) }
      for (const name of without) delete changed[name]
      return changed
    },
    ...(options.backend === undefined && { realtime: transport.factory }),
    multipartFromBytes: 8,
    ...options,
    environment: { ...world, ...options.environment },
  })
  let files = 0

  const item = (id: string): UploadItem => {
    const found = uploader.$item(id).get()
    if (found === undefined) throw new Error(`There is no item ${id}.`)
    return found
  }
  const operation = (id: string): string => item(id).operationId ?? 'none'

  return {
    uploader,
    world,
    server,
    transport,
    item,
    operation,
    async add(sizes, addOptions) {
      const ids = uploader.add(
        sizes.map((size) => createTestFile(`file-${(files += 1)}`, size)),
        addOptions,
      )
      await settle()
      return ids
    },
    itemIn<P extends UploadPhase>(id: string, phase: P) {
      const found = item(id)
      if (found.phase !== phase) throw new Error(`${id} is ${found.phase}, not ${phase}.`)
      return found as ItemIn<P>
    },
    waiting: (id) => world.waiting().filter(({ url }) => new URL(url).pathname.split('/')[1] === operation(id)),
    phases: () => uploader.items().map(({ phase }) => phase),
    calls: (route) => server.calls.filter((call) => call.startsWith(`${route} `)),
  }
}

/** For `change`: the server makes the first uploads that it is asked for, and its answer is lost on the way. */
export function losesFirstPlan(error: UploadError): NonNullable<EngineOptions['change']> {
  return ({ createUploads }) => {
    let isLost = false
    return {
      async createUploads(request, signal) {
        const answer = await createUploads(request, signal)
        if (isLost) return answer
        isLost = true
        throw error
      },
    }
  }
}
