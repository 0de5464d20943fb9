import type { Environment } from '../environment.js'
import { toUploadError, UploadError } from '../errors.js'
import { decodeBy, type Decoded, isTerminal, type Ordering, type SyncStatusUpdate, type Verdict } from '../protocol/index.js'
import type { ConnectionStatus, RealtimeTransport } from '../realtime/transport.js'
import type { Source } from './operations.js'
import type { ServerClock } from './server-clock.js'
import type { StatusBackend, StatusPage } from './status-backend.js'
import type { Subscription } from './subscription.js'

/** First wait between two polls of the snapshot, in milliseconds; the longest one. */
const POLL_MS = { first: 1000, longest: 15_000 }
/** How often the snapshot is fetched although realtime seems healthy, while anything is unfinished: a lost last message leaves no gap to notice. */
const SAFETY_MS = 30_000
/** What messages make us ask is gathered for so long, in milliseconds: whoever may write to a channel must not make every page ask all the time. */
const GATHER_MS = 250

export interface StatusSessionOptions {
  readonly environment: Environment
  readonly transport: RealtimeTransport
  readonly backend: StatusBackend | undefined
  readonly serverClock: ServerClock
  take(update: SyncStatusUpdate, source: Source, ordering: Ordering): Verdict
  /** The server has told a page of a topic's operations, the last one or one before it. */
  onPage(subscription: Subscription, page: StatusPage, isLast: boolean): void
  hasUnfinished(): boolean
  /** Something else than an operation: the connection, or what is counted of a subscription. */
  onChange(): void
  debug(...note: readonly unknown[]): void
}

/**
 * One time of being connected: "subscribe → fetch the snapshot → apply both by rule 1", again after each reconnect and wake-up; polling while
 * realtime is not healthy; a slow safety snapshot while it is and anything is unfinished.
 */
export interface StatusSession {
  /** From now on these, and no others; that of all operations first. */
  follow(wanted: readonly Subscription[]): void
  connection(): ConnectionStatus
  /** Leaves nothing behind. */
  dispose(): void
}

export function connectStatus(options: StatusSessionOptions): StatusSession {
  const { environment, transport, backend, serverClock, take, onChange, debug } = options
  const { clock } = environment
  const { $connection } = transport
  const lifetime = new AbortController()
  const { signal } = lifetime
  let followed: readonly Subscription[] = []
  let isFetching = false
  let error: UploadError | undefined
  let pollMs = POLL_MS.first
  let cancelTimer: (() => void) | undefined
  /** What the snapshot tells of the connection where there is no other one. */
  let polled: Partial<ConnectionStatus> = {}

  const isHealthy = () => $connection.get().status === 'connected' && followed.every((one) => one.isSubscribed)
  const forgetWake = environment.onWake(() => {
    transport.wake()
    fetchAll(tellers())
  })
  const forgetConnection = $connection.listen(({ status }, before) => {
    if (status !== before?.status) changed('connection', status)
    else onChange()
  })

  /** Those whose snapshots tell everything: of all operations, where these are followed, so that a hundred jobs are not a hundred questions. */
  function tellers(): readonly Subscription[] {
    const [first] = followed
    return first?.topic.kind === 'all' && first.error === undefined ? [first] : followed
  }

  function join(one: Subscription): void {
    // Before the transport answers, which may be at once.
    one.unsubscribe = () => {}
    one.isFetchWanted = true
    one.unsubscribe = transport.subscribe(one.topic, {
      onMessage: (raw, bytes) => receive(one, raw, bytes),
      onSubscribed() {
        one.isSubscribed = true
        one.error = undefined
        changed('subscribed', one.topic)
        fetchAll(tellers().filter((teller) => teller === one))
      },
      onRefused(refusal) {
        one.isSubscribed = false
        one.error = refusal
        changed('refused', one.topic, refusal)
      },
    })
  }

  function leave(one: Subscription): void {
    one.unsubscribe?.()
    one.unsubscribe = undefined
    one.isSubscribed = false
  }

  function receive(one: Subscription, raw: unknown, bytes = typeof raw === 'string' ? raw.length : 0): void {
    one.received(bytes)
    let decoded: Decoded
    try {
      decoded = decodeBy(transport.decode, raw)
    } catch (reason) {
      one.dropped()
      debug('message dropped:', reason, raw)
      return onChange()
    }
    const { update, order } = decoded
    const verdict = take(update, transport.authoritative ? 'live' : 'hint', decoded)
    if (verdict !== 'apply') onChange()
    else if (order !== 'arrival' && one.isSampleDue()) one.tookAfter(serverClock.age(update.timestamp))
    // An end without a version may be newer than the snapshot that is on its way.
    if (verdict === 'ask' || (isFetching && update.version === undefined && isTerminal(update.status))) want(one)
    schedule()
  }

  function want(one: Subscription): void {
    if (one.isFetchWanted) return
    one.isFetchWanted = true
    forgetTimer()
  }

  function fetchAll(wanted: readonly Subscription[]): void {
    for (const one of wanted) one.isFetchWanted = true
    if (!isFetching && backend !== undefined) void fetchWanted(backend)
  }

  /** One request at a time, whoever asks. */
  async function fetchWanted(server: StatusBackend): Promise<void> {
    isFetching = true
    error = undefined
    forgetTimer()
    // Whoever joins meanwhile stands at the end.
    for (let index = 0; index < followed.length; index += 1) {
      const one = followed[index] as Subscription
      try {
        if (one.isFetchWanted) await fetchPages(one, server)
      } catch (thrown) {
        if (signal.aborted) return
        // What the server will not tell of one topic must not keep the others from being asked about.
        one.isFetchWanted = true
        error = toUploadError(thrown)
        polled = { status: 'error', latency: null }
      }
    }
    isFetching = false
    if (error !== undefined) debug('snapshot failed:', error)
    onChange()
    schedule()
  }

  async function fetchPages(one: Subscription, { snapshot, job }: StatusBackend): Promise<void> {
    const { topic } = one
    one.isFetchWanted = false
    for (let isLast = false; !isLast && one.unsubscribe !== undefined; ) {
      const { cursor } = one
      const askedAt = clock.now()
      const page = await (topic.kind === 'job' && job !== undefined
        ? job(topic.id, cursor, signal)
        : snapshot({ ...(topic.kind === 'job' ? { job_id: topic.id } : { all: true }), ...(cursor !== undefined && { cursor }) }, signal)
      ).catch((thrown: unknown): StatusPage => {
        // A job that the server does not know, or no longer, has no operations.
        if (thrown instanceof UploadError && thrown.status === 404) return { operations: [], cursor: '', more: false }
        throw thrown
      })
      signal.throwIfAborted()
      const now = clock.now()
      serverClock.told(askedAt, page.server_time)
      polled = { status: 'connected', lastPing: new Date(now).toISOString(), latency: Math.max(0, now - askedAt) }
      for (const update of page.operations) take(update, 'snapshot', {})
      one.cursor = page.cursor || undefined
      // A page that leads nowhere is the last one, whatever the server says.
      isLast = !page.more || one.cursor === cursor
      options.onPage(one, page, isLast)
    }
  }

  /** The connection is another one: from the shortest wait on. */
  function changed(...note: readonly unknown[]): void {
    debug(...note)
    pollMs = POLL_MS.first
    forgetTimer()
    schedule()
    onChange()
  }

  function forgetTimer(): void {
    cancelTimer?.()
    cancelTimer = undefined
  }

  function schedule(): void {
    if (isFetching || cancelTimer !== undefined) return
    const wait = waitMs()
    if (wait === undefined) return
    cancelTimer = clock.setTimeout(() => {
      cancelTimer = undefined
      if (error !== undefined || !isHealthy()) pollMs = Math.min(POLL_MS.longest, pollMs * 1.5)
      if (waitMs() !== undefined) fetchAll(wait === GATHER_MS ? [] : tellers())
    }, wait)
  }

  function waitMs(): number | undefined {
    if (backend === undefined || signal.aborted) return undefined
    if (error !== undefined) return Math.max(pollMs, error.retryAfterMs ?? 0)
    if (followed.some((one) => one.isFetchWanted)) return GATHER_MS
    if (!isHealthy()) return pollMs
    return options.hasUnfinished() ? SAFETY_MS : undefined
  }

  return {
    follow(wanted) {
      const kept = new Set(wanted)
      for (const one of followed) if (!kept.has(one)) leave(one)
      followed = wanted
      for (const one of wanted) if (one.unsubscribe === undefined) join(one)
      fetchAll([])
      onChange()
    },
    connection() {
      const status = $connection.get()
      return { ...status, ...(status.transport === 'polling' ? polled : { polling: backend !== undefined && !isHealthy() }) }
    },
    dispose() {
      lifetime.abort()
      forgetWake()
      forgetConnection()
      forgetTimer()
      for (const one of followed) leave(one)
      transport.dispose()
    },
  }
}
