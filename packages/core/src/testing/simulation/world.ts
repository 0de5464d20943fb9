import type { UploadItem } from '../../item/item.js'
import { isUnfinished } from '../../item/machine.js'
import type { UploaderOptions } from '../../options.js'
import type { SyncStatusUpdate } from '../../protocol/index.js'
import { createManualClock, settle, type ManualClock } from '../manual-clock.js'
import { createTestFile, type TestFile } from '../test-file.js'
import { createBrowser, createTabSession, type Browser } from './browser.js'
import { createNetwork, type Network, type NetworkObserver } from './network.js'
import { createPage, type Page } from './page.js'
import { createRandom } from './random.js'
import { createRealtime } from './realtime.js'
import type { Scenario, Setting } from './scenario.js'
import type { SimulatedServer, SimulatedServerFactory } from './simulated-server.js'

/** `left`: its uploader is disposed of. */
export type Leaving = 'left' | 'hidden' | 'killed'

/** Who watches a run. */
export interface WorldObserver extends NetworkObserver {
  opened(page: Page): void
  /** The page is about to be gone, or to be put aside. */
  leaving(page: Page, how: Leaving): void
  /** All that could happen at this moment has happened. */
  looked(): void
  disposed(page: Page): void
}

/** Pages, a network, a server, and the time that passes for all of them. */
export interface World {
  readonly setting: Setting
  readonly clock: ManualClock
  readonly network: Network
  readonly server: SimulatedServer
  readonly browser: Browser
  readonly realtime: ReturnType<typeof createRealtime>
  /** Open pages, oldest first. */
  pages(): readonly Page[]
  /** Another page: one that goes on with what an earlier one has left, or one in a tab beside it. */
  open(earlier?: Page, isInSameTab?: boolean): Page
  /** Disposes of a page's uploader, and closes the page. */
  leave(page: Page): Promise<void>
  /** The page is gone; `isExpected`: it was told to hide before. */
  kill(page: Page, isExpected: boolean): void
  /** The page is told that it is put aside. */
  hide(page: Page): void
  /** Files of items, as they lie on the user's disk. */
  readonly files: ReadonlyMap<string, TestFile>
  /** The bytes of every file that there ever was, by its name. */
  readonly contents: ReadonlyMap<string, Uint8Array>
  /** What was done on purpose. */
  readonly done: {
    /** Items by the page to which they were added. */
    readonly added: ReadonlyMap<string, Page>
    /** Operations of unfinished items that were removed on a page that is still open. */
    readonly removed: Map<string, Page>
    /** Operations that somebody on the server called completed. */
    readonly saidCompleted: Set<string>
  }
  /** Names of pages that go on with an earlier one's job and have not heard of it from the server. */
  readonly restoring: ReadonlySet<string>
  readonly auth: Auth
  /** Adds files of these sizes on a page. */
  add(page: Page, sizes: readonly number[]): void
  remove(page: Page, item: UploadItem): void
  /** Gives an item its file again, or another one; ignored where the item does not ask for it. */
  giveFile(page: Page, item: UploadItem, size?: number): void
  setConnected(isConnected: boolean, isNoticed: boolean): void
  log(line: () => string): void
  close(): Promise<void>
}

/** Who is signed in. */
export interface Auth {
  expire(): void
  signOut(): void
  signIn(): void
}

export interface WorldOptions {
  readonly createServer: SimulatedServerFactory
  readonly options: ((defaults: UploaderOptions) => Partial<UploaderOptions>) | undefined
  readonly observer: WorldObserver
  readonly log: ((line: string) => void) | undefined
}

/** Most moments that one run may take: one that calls for ever never ends otherwise. */
const MAX_MOMENTS = 30_000

export async function createWorld({ setting }: Scenario, given: WorldOptions): Promise<World> {
  const { observer } = given
  const random = createRandom(setting.seed)
  let moments = 0
  const clock = createManualClock(undefined, async () => {
    moments += 1
    if (moments > MAX_MOMENTS) throw new Error(`After ${MAX_MOMENTS} moments it was not over: something repeats itself for ever.`)
    await settle()
    await network.idle()
    await settle()
    await server.settled?.()
    observer.looked()
  })
  const startedAt = clock.now()
  const log = (line: () => string) => given.log?.(`${String(clock.now() - startedAt).padStart(9)} ms  ${line()}`)

  const serverClock = { ...clock, now: () => clock.now() + (setting.skewsMs[0] ?? 0) }
  const server = await given.createServer({ clock: serverClock, setting, random })
  const restoring = new Set<string>()
  const tokens = new Map<string, number>()
  let validToken = 1
  let isSignedIn = true
  const network = createNetwork({
    clock,
    server,
    setting,
    serverNow: serverClock.now,
    isAuthorised: ({ authorization }) => isSignedIn && authorization === `Bearer ${validToken}`,
    observer: {
      requested: observer.requested,
      answered(exchange, response, isGenuine) {
        if (exchange.route === 'snapshot' && isGenuine && response.status < 300) restoring.delete(exchange.page)
        observer.answered(exchange, response, isGenuine)
      },
    },
    log,
  })

  const pages: Page[] = []
  const files = new Map<string, TestFile>()
  const contents = new Map<string, Uint8Array>()
  let fileCount = 0
  const addedTo = new Map<string, Page>()
  const removed = new Map<string, Page>()
  const saidCompleted = new Set<string>()
  let isNoticedOffline = false
  const openPages = () => pages.filter((page) => page.isOpen)
  const browser = createBrowser(setting)
  const realtime = createRealtime({ clock, setting, pages: openPages, log })
  server.onWord((update: SyncStatusUpdate) => {
    log(() => `server: ${update.operation_id} is ${update.status}${update.version === undefined ? '' : `, version ${update.version}`}`)
    realtime.send(update)
  })

  function newFile(size: number): TestFile {
    const file = createTestFile(`file-${(fileCount += 1)}`, size)
    contents.set(file.name, file.content())
    return file
  }

  return {
    setting,
    clock,
    network,
    server,
    browser,
    realtime,
    restoring,
    files,
    contents,
    done: { added: addedTo, removed, saidCompleted },
    pages: openPages,
    open(earlier, isInSameTab = false) {
      // What is kept tells a page of earlier ones; where nothing is, only the job's name does.
      const jobId = setting.persistence === 'none' ? earlier?.uploader.jobId : undefined
      const name = `page${pages.length + 1}`
      const page = createPage({
        name,
        clock,
        browser,
        session: (isInSameTab ? earlier?.session : undefined) ?? createTabSession(),
        network,
        setting,
        serverUrl: server.url,
        random,
        token(attempt) {
          if (!tokens.has(name) || (attempt > 1 && isSignedIn)) tokens.set(name, validToken)
          return String(tokens.get(name))
        },
        jobId,
        isOnline: !isNoticedOffline,
        halve({ name: whole, size }) {
          const half = createTestFile(`half of ${whole}`, Math.floor(size / 2))
          contents.set(half.name, half.content())
          return half
        },
        options: given.options,
      })
      log(() => `${name} opens`)
      pages.push(page)
      if (jobId !== undefined) restoring.add(name)
      observer.opened(page)
      realtime.welcome(page)
      // Somebody listens, and items of an earlier page come back.
      page.uploader.on('warning', (error) => log(() => `${name}: warning: ${error.message}`))
      return page
    },
    auth: {
      expire() {
        validToken += 1
      },
      signOut() {
        isSignedIn = false
      },
      signIn() {
        isSignedIn = true
      },
    },
    async leave(page) {
      observer.leaving(page, 'left')
      await page.dispose()
      await settle()
      observer.disposed(page)
      page.kill()
    },
    kill(page, isExpected) {
      if (!isExpected) observer.leaving(page, 'killed')
      page.kill()
    },
    hide(page) {
      observer.leaving(page, 'hidden')
      page.hide()
    },
    add(page, sizes) {
      const added = sizes.map(newFile)
      const ids = page.uploader.add(added)
      ids.forEach((id, index) => {
        const file = added[index]
        if (file !== undefined) files.set(id, file)
        addedTo.set(id, page)
      })
    },
    remove(page, item) {
      if (item.operationId !== undefined && isUnfinished(item) && item.mirrored === undefined) removed.set(item.operationId, page)
      page.uploader.remove(item.id)
    },
    giveFile(page, item, size) {
      const before = files.get(item.id)
      if ((item.phase !== 'waiting' && item.phase !== 'failed') || before === undefined) return
      const file = size === undefined ? createTestFile(before.name, before.size) : newFile(size)
      files.set(item.id, file)
      page.uploader.replaceFile(item.id, file)
    },
    setConnected(isConnected, isNoticed) {
      network.setConnected(isConnected)
      if (isConnected || isNoticed) {
        isNoticedOffline = !isConnected
        for (const page of openPages()) page.setOnline(isConnected)
      }
      realtime.setConnected(isConnected)
    },
    log,
    close: () => server.close(),
  }
}
