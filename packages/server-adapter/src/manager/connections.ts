import type { ConnectionReport } from '@upload-panel/core/protocol'
import type { Clock } from '../clock.js'
import type { Logger } from '../logger.js'
import type { OperationRecords } from '../records/operation-records.js'
import type { ClientConnection } from '../records/server-state.js'

/** Which clients there are, on all nodes: by their own reports, and, of those that do not report, by the connections that they hold open. */
export interface Connections {
  report(subject: string, report: ConnectionReport): void
  /** A connection that this node itself sees, until the returned function is called. `latency`: its round trip in milliseconds, where that is known. */
  observe(subject: string, transport: string, latency?: () => number | null): () => void
  /** Those of a subject, or of all; who was heard last comes last. */
  list(query?: { readonly subject?: string; readonly limit?: number }): Promise<readonly ClientConnection[]>
  /** Writes what is not written yet. */
  close(): Promise<void>
}

export interface ConnectionsOptions {
  readonly records: OperationRecords
  readonly clock: Clock
  readonly logger: Logger
  readonly createId: () => string
}

/** A client reports every 30 s, in a hidden tab once a minute: after this many milliseconds of silence it is gone. */
const STALE_MS = 150_000
/** How often it is written down that a connection that this node sees is still there, milliseconds. */
const OBSERVED_MS = 60_000
/** Reports are written together, so often, milliseconds. */
const WRITE_MS = 1000
const MOST = { ofSubject: 100, ofAll: 10_000 }
/** Begins the ids of connections that a node sees. */
const OBSERVED = 'seen:'

/** A row that is to be removed. */
type Gone = Pick<ClientConnection, 'subject' | 'connection_id'> & { readonly status?: never }

/**
 * What this node has heard is in memory, and bounded; what all have heard is in the records, a second later. A client that reports itself is not
 * listed a second time as a connection that a node sees: of those, as many are left out as were reported of the same subject and transport.
 */
export function createConnections({ records, clock, logger, createId }: ConnectionsOptions): Connections {
  /** In the order in which they were heard last, so that whoever is gone stands in front. */
  const clients = new Map<string, ClientConnection>()
  const bySubject = new Map<string, Set<string>>()
  /** Of whom this node did not hear the beginning: another one may have. */
  const adopted = new Set<string>()
  const observed = new Map<string, { readonly client: ClientConnection; readonly latency: () => number | null; seenAtMs: number }>()
  /** What is to be written: a client, or that it is gone. */
  let unwritten = new Map<string, ClientConnection | Gone>()
  let writing = Promise.resolve()
  let sweptAtMs = clock.now()
  let cancelTimer: (() => void) | undefined
  let isClosed = false

  const timestamp = () => new Date(clock.now()).toISOString()
  const isStale = ({ last_ping }: ClientConnection) => Date.parse(last_ping) <= clock.now() - STALE_MS

  /** As long as somebody is connected. */
  function wake(): void {
    if (!isClosed) cancelTimer ??= clock.setTimeout(() => void keepUp(), WRITE_MS)
  }
  async function keepUp(): Promise<void> {
    observeAgain()
    forgetStale()
    await write()
    cancelTimer = undefined
    if (clients.size + observed.size + unwritten.size > 0) wake()
  }

  function forget(key: string): void {
    const client = clients.get(key)
    if (client === undefined) return
    clients.delete(key)
    adopted.delete(key)
    const own = bySubject.get(client.subject)
    own?.delete(key)
    if (own?.size === 0) bySubject.delete(client.subject)
  }

  /** Whoever is silent is forgotten in the records by all who look; whoever is one too many, by us. */
  function forgetStale(): void {
    for (const [key, client] of clients) {
      if (clients.size <= MOST.ofAll && !isStale(client)) return
      if (!isStale(client)) remove(key, client)
      forget(key)
    }
  }

  function toWrite(key: string, entry: ClientConnection | Gone): void {
    unwritten.delete(key)
    unwritten.set(key, entry)
    wake()
    const [oldest] = unwritten.keys()
    if (unwritten.size > 2 * MOST.ofAll && oldest !== undefined) unwritten.delete(oldest)
  }
  const remove = (key: string, { subject, connection_id }: Gone | ClientConnection) => toWrite(key, { subject, connection_id })

  function observeAgain(): void {
    for (const [key, seen] of observed) {
      if (clock.now() - seen.seenAtMs < OBSERVED_MS) continue
      seen.seenAtMs = clock.now()
      toWrite(key, { ...seen.client, latency: seen.latency(), last_ping: timestamp() })
    }
  }

  function write(): Promise<void> {
    writing = writing.then(writeAll)
    return writing
  }

  async function writeAll(): Promise<void> {
    const entries = [...unwritten]
    unwritten = new Map()
    try {
      if (clock.now() - sweptAtMs >= OBSERVED_MS) {
        sweptAtMs = clock.now()
        await records.clients.forget(clock.now() - STALE_MS)
      }
      const gone = entries.map(([, entry]) => entry).filter((entry) => entry.status === undefined)
      if (gone.length > 0) await records.clients.remove(gone)
      const heard: ClientConnection[] = []
      for (const [key, entry] of entries) if (entry.status !== undefined) heard.push(await withBeginning(key, entry))
      if (heard.length > 0) await records.clients.save(heard)
    } catch (error) {
      logger.warn('Which clients are connected could not be written down yet.', error)
      // What came meanwhile is newer.
      unwritten = new Map([...entries, ...unwritten])
    }
  }

  /** A client that came here from another node goes on as what it was there. */
  async function withBeginning(key: string, client: ClientConnection): Promise<ClientConnection> {
    if (!adopted.has(key)) return client
    const rows = await records.clients.list({ subject: client.subject, limit: MOST.ofSubject })
    adopted.delete(key)
    const before = rows.find(({ connection_id }) => connection_id === client.connection_id)
    if (before === undefined) return client
    const { connected_at } = before
    const own = clients.get(key)
    if (own !== undefined) clients.set(key, { ...own, connected_at })
    return { ...client, connected_at }
  }

  return {
    report(subject, { connection_id, event, status = 'connected', transport = '', latency = null, reconnect_attempts = 0 }) {
      const key = keyOf(subject, connection_id)
      const before = clients.get(key)
      const wasAdopted = adopted.has(key)
      forget(key)
      if (event === 'disconnect') {
        remove(key, { subject, connection_id })
        return
      }
      const now = timestamp()
      const connected_at = event === 'connect' || before === undefined ? now : before.connected_at
      const client = { connection_id, subject, status, transport, latency, reconnect_attempts, connected_at, last_ping: now }
      if (event !== 'connect' && (before === undefined || wasAdopted)) adopted.add(key)
      clients.set(key, client)
      const own = bySubject.get(subject) ?? new Set()
      bySubject.set(subject, own.add(key))
      toWrite(key, client)
      const [oldest] = own
      const first = oldest === undefined ? undefined : clients.get(oldest)
      if (own.size > MOST.ofSubject && oldest !== undefined && first !== undefined) {
        remove(oldest, first)
        forget(oldest)
      }
      forgetStale()
    },
    observe(subject, transport, latency = () => null) {
      const connection_id = `${OBSERVED}${createId()}`
      const key = keyOf(subject, connection_id)
      const now = timestamp()
      const client = {
        connection_id,
        subject,
        status: 'connected',
        transport,
        latency: latency(),
        reconnect_attempts: 0,
        connected_at: now,
        last_ping: now,
      } as const
      observed.set(key, { client, latency, seenAtMs: clock.now() })
      toWrite(key, client)
      return () => {
        observed.delete(key)
        remove(key, client)
      }
    },
    async list({ subject, limit = MOST.ofAll } = {}) {
      await write()
      // Those that are listed twice are known only when all are there.
      const most = subject === undefined ? 2 * MOST.ofAll : 2 * MOST.ofSubject
      const rows = await records.clients.list({ ...(subject !== undefined && { subject }), limit: most })
      return withoutDoubles(rows.filter((client) => !isStale(client))).slice(
        -Math.min(limit, subject === undefined ? MOST.ofAll : MOST.ofSubject),
      )
    },
    async close() {
      isClosed = true
      cancelTimer?.()
      await write()
    },
  }
}

/** Ids have no NUL. */
function keyOf(subject: string, id: string): string {
  return `${subject}\0${id}`
}

function withoutDoubles(clients: readonly ClientConnection[]): readonly ClientConnection[] {
  const reported = new Map<string, number>()
  const isObserved = ({ connection_id }: ClientConnection) => connection_id.startsWith(OBSERVED)
  const groupOf = ({ subject, transport }: ClientConnection) => keyOf(subject, transport)
  for (const client of clients) if (!isObserved(client)) reported.set(groupOf(client), (reported.get(groupOf(client)) ?? 0) + 1)
  return clients.filter((client) => {
    const left = reported.get(groupOf(client)) ?? 0
    if (!isObserved(client) || left === 0) return true
    reported.set(groupOf(client), left - 1)
    return false
  })
}
