import { type Clock, repeat, settledWithin } from './clock.js'
import type { Logger } from './logger.js'
import { type Connections, createConnections } from './manager/connections.js'
import { createCursors, type Cursors } from './manager/cursor.js'
import { createFeed, type Feed } from './manager/feed.js'
import { createMetrics, type Metrics } from './manager/metrics.js'
import { createOperations, type Operations } from './manager/operations.js'
import { createSyncStatusManager, type SyncStatusManager } from './manager/sync-status-manager.js'
import { createTail, type Tail } from './manager/tail.js'
import type { PublisherContext, StatusPublisher } from './publishers/publisher.js'
import type { OperationRecords } from './records/operation-records.js'

export interface CoreOptions {
  readonly records: OperationRecords
  readonly clock: Clock
  readonly logger: Logger
  readonly createId: () => string
  readonly progress: ProgressOptions | undefined
}

/** How progress is written. */
export interface ProgressOptions {
  /** Writes a second of one operation's progress; what is said in between is gathered. @default 10 */
  readonly writesPerSecond?: number
}

/** What a server and a worker have in common: operations, who is told of them, and the program's handle on them. */
export interface Core {
  /** Names this process among those that share the records. */
  readonly holder: string
  readonly cursors: Cursors
  readonly metrics: Metrics
  readonly connections: Connections
  readonly operations: Operations
  readonly manager: SyncStatusManager
  readonly tail: Tail
  /** Opens publishers and begins to tell them of changes. Called once. */
  publish(
    publishers: readonly StatusPublisher[],
    context: Pick<PublisherContext, 'access' | 'addresses' | 'origins' | 'cookieOrigins'>,
  ): Promise<void>
  /** Ends what goes to listeners of this process: they come back to another one. */
  hangUp(): Promise<void>
  /** Tells what is left, as long as that takes no time, and closes the records. */
  close(): Promise<void>
}

/** How often operations are counted in the records, milliseconds: a count in between is right but for what was forgotten, or changed too fast to be seen. */
const COUNT_MS = 5 * 60_000
/** How long `close` waits for changes that are still to be heard of, milliseconds. */
const CLOSE_GRACE_MS = 2000

/** Opens the records and sets up what works on them. */
export async function createCore({
  records,
  clock,
  logger,
  createId,
  progress: { writesPerSecond = 10 } = {},
}: CoreOptions): Promise<Core> {
  if (!(writesPerSecond > 0)) throw new TypeError(`progress.writesPerSecond must be a positive number, not ${String(writesPerSecond)}.`)
  await records.open({ clock, logger })
  const random = Math.random
  const holder = createId()
  const cursors = createCursors(records)
  const metrics = createMetrics(clock)
  const connections = createConnections({ records, clock, logger, createId })
  const tail = createTail({ records, clock, random, logger })
  tail.listen(metrics.take)
  const operations = createOperations({ records, tail, clock })
  let feeds: readonly Feed[] = []
  const manager = createSyncStatusManager({
    records,
    operations,
    cursors,
    metrics,
    connections,
    publishers: () => feeds.map((feed) => feed.state()),
    progressWritesPerSecond: writesPerSecond,
    clock,
    createId,
    logger,
  })

  async function closeFeeds(reach: StatusPublisher['reach']): Promise<void> {
    const closing = feeds.filter((feed) => feed.state().reach === reach)
    feeds = feeds.filter((feed) => !closing.includes(feed))
    await Promise.all(closing.map((feed) => feed.close()))
  }

  async function count(): Promise<void> {
    const latestVersion = await records.latestVersion()
    metrics.load(await records.count(), latestVersion)
  }
  const stopCounting = repeat(clock, COUNT_MS, () =>
    count().catch((error: unknown) => logger.warn('The operations could not be counted.', error)),
  )

  try {
    await count()
    await tail.open()
  } catch (error) {
    stopCounting()
    await connections.close()
    await records.close()
    throw error
  }

  return {
    holder,
    cursors,
    metrics,
    connections,
    operations,
    manager,
    tail,
    async publish(publishers, context) {
      requireDistinctNames(publishers)
      for (const publisher of publishers) {
        await publisher.open?.({ ...context, records, connections, clock, logger })
        feeds = [...feeds, createFeed({ publisher, records, tail, holder, clock, random, logger })]
      }
      await Promise.all(feeds.map((feed) => feed.open()))
    },
    hangUp: () => closeFeeds('node'),
    async close() {
      stopCounting()
      await manager.flush()
      await closeFeeds('node')
      await connections.close()
      await settledWithin(clock, CLOSE_GRACE_MS, tail.caughtUp())
      await closeFeeds('cluster')
      tail.close()
      await records.close()
    },
  }
}

function requireDistinctNames(publishers: readonly StatusPublisher[]): void {
  const names = new Set(publishers.map(({ name }) => name))
  if (names.size < publishers.length) throw new TypeError('Two publishers have the same name: give each a name of its own.')
}
