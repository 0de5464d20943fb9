import { createUploader } from '../create-uploader.js'
import type { UploadError } from '../errors.js'
import type { UploadItem, UploadPhase } from '../item/item.js'
import type { UploaderOptions } from '../options.js'
import { createMemoryStorage } from '../persistence/memory-storage.js'
import { persistQueue, type PersistQueueOptions } from '../persistence/persist-queue.js'
import type { QueueStorage } from '../persistence/queue-storage.js'
import type { AddInput, AddOptions, Uploader, UploaderEvents } from '../uploader.js'
import { settle } from './manual-clock.js'
import { createMemoryServer, type MemoryServer } from './memory-server.js'
import { createMemoryTransport } from './memory-transport.js'
import { createTabWorld, type FakeTab } from './tab-world.js'
import { createTestEnvironment, type PendingRequest, type TestEnvironment } from './test-environment.js'

/** One origin in one browser: its pages share a server, a place where queues are kept, locks and channels. */
export interface Site {
  readonly server: MemoryServer
  readonly storage: QueueStorage
  /** A tab without a page of ours. */
  tab(): FakeTab
  open(options?: PageOptions): Promise<SitePage>
}

export interface PageOptions {
  readonly uploader?: Partial<UploaderOptions>
  /** Whether the backend follows its uploads. @default true */
  readonly isFollowed?: boolean
  readonly persistence?: Partial<PersistQueueOptions>
  /** When the page is opened, milliseconds after the site began. */
  readonly atMs?: number
  /** Before anything runs: an upload may begin as soon as somebody listens. */
  readonly onOpen?: (uploader: Uploader) => void
}

export interface SitePage {
  readonly uploader: Uploader
  readonly world: TestEnvironment
  readonly tab: FakeTab
  /** What was told, as `completed one.txt`. */
  readonly events: readonly string[]
  readonly warnings: readonly UploadError[]
  add(files: AddInput, options?: AddOptions): Promise<readonly string[]>
  item(id: string): UploadItem
  phases(): readonly UploadPhase[]
  waiting(): readonly PendingRequest[]
  /** Lets everything happen that can within some frames, and the time that files wait before they are kept. */
  pass(): Promise<void>
  /** The page is left in good order, for another one or for the cache. */
  hide(): Promise<void>
  /** It comes back out of the cache. */
  show(): Promise<void>
  /** The tab is gone without a word. */
  kill(): Promise<void>
}

const TOLD = [
  'started',
  'transferred',
  'processing',
  'completed',
  'failed',
  'revoked',
  'cancelled',
] as const satisfies readonly (keyof UploaderEvents)[]

/** The same storage, which has lost the bytes of all files. */
export function withoutFiles(storage: QueueStorage): QueueStorage {
  return { ...storage, claim: async (...claim) => ({ ...(await storage.claim(...claim)), files: new Map() }) }
}

export function createSite(storage: QueueStorage = createMemoryStorage()): Site {
  const server = createMemoryServer()
  const tabs = createTabWorld()
  let pages = 0

  async function open({ uploader: options, isFollowed = true, persistence, atMs = 0, onOpen }: PageOptions = {}): Promise<SitePage> {
    const page = (pages += 1)
    let ids = 0
    const world = { ...createTestEnvironment(), createId: () => `p${page}-${(ids += 1)}` }
    world.clock.set(world.clock.now() + atMs)
    const tab = tabs.tab()
    const transport = createMemoryTransport()
    server.onWord(transport.deliver)
    transport.connect()
    const events: string[] = []
    const warnings: UploadError[] = []
    const uploader = createUploader({
      backend: server.backend,
      ...(isFollowed && { realtime: transport.factory }),
      multipartFromBytes: 8,
      ...options,
      persistence: persistQueue({
        storage,
        name: 'test',
        locks: tab.locks,
        openChannel: tab.openChannel,
        session: undefined,
        page: tab.page,
        expiresAfterMs: 86_400_000,
        maxFileBytes: 1000,
        maxBytes: 10_000,
        // Quicker than the browser's, which takes turns of the event loop.
        digest: async (bytes) => new Uint8Array(await bytes.arrayBuffer()).join(),
        estimate: async () => ({}),
        ...persistence,
      }),
      environment: world,
    })
    onOpen?.(uploader)
    const name = (item: UploadItem) => item.name
    for (const event of TOLD) uploader.on(event, (item) => void events.push(`${event} ${item.name}`))
    uploader.on('added', (items) => events.push(`added ${items.map(name).join(' ')}`))
    uploader.on('removed', (items) => events.push(`removed ${items.map(name).join(' ')}`))
    uploader.on('warning', (error) => warnings.push(error))

    const self: SitePage = {
      uploader,
      world,
      tab,
      events,
      warnings,
      async add(files, addOptions) {
        const added = uploader.add(files, addOptions)
        await settle()
        return added
      },
      item(id) {
        const found = uploader.items().find((item) => item.id === id)
        if (found === undefined) throw new Error(`There is no item ${id}.`)
        return found
      },
      phases: () => uploader.items().map(({ phase }) => phase),
      waiting: world.waiting,
      async pass() {
        for (let frame = 0; frame < 3; frame += 1) {
          await settle()
          world.paint()
          await world.clock.advance(300)
        }
      },
      async hide() {
        tab.page.dispatchEvent(new Event('pagehide'))
        await settle()
      },
      async show() {
        tab.page.dispatchEvent(new Event('pageshow'))
        await settle()
      },
      async kill() {
        tab.kill()
        await settle()
      },
    }
    await self.pass()
    return self
  }

  return { server, storage, tab: tabs.tab, open }
}
