import type { Environment } from '../environment.js'
import { toUploadError, type UploadError } from '../errors.js'
import { decodeBy, type Decoded, isTerminal, MAX_SNAPSHOT_PAGE } from '../protocol/index.js'
import { createRounds } from '../realtime/rounds.js'
import { createSnapshots } from '../realtime/snapshots.js'
import type { ConnectionStatus, RealtimeTransport } from '../realtime/transport.js'
import type { Operations } from './operations.js'
import type { ServerClock } from './server-clock.js'
import type { StatusBackend, StatusPage } from './status-backend.js'
import type { Subscription } from './subscription.js'

/** First wait between two polls of the snapshot, in milliseconds; the longest one. */
const POLL_MS = { first: 1000, longest: 15_000 }
/** How often the snapshot is fetched although realtime seems healthy, while anything is unfinished: a lost last message leaves no gap to notice. */
const SAFETY_MS = 30_000
/** How often the server is asked about what a message said, where it does not say so, too: the message may have come before the server wrote it down. */
const TRIES = 5

export interface StatusSessionOptions {
  readonly environment: Environment
  readonly transport: RealtimeTransport
  readonly backend: StatusBackend | undefined
  readonly serverClock: ServerClock
  readonly operations: Operations
  /** The server has told a page of a topic's operations, the last one or one before it. */
  onPage(subscription: Subscription, page: StatusPage, isLast: boolean): void
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
  /** Why the server does not tell, as far as it is known. */
  error(): UploadError | undefined
  /** Tries again at once, and asks about everything. */
  refresh(): void
  /** Leaves nothing behind. */
  dispose(): void
}

export function connectStatus(options: StatusSessionOptions): StatusSession {
  const { environment, transport, backend, serverClock, operations, onChange, debug } = options
  const { take } = operations
  const { clock } = environment
  const { $connection } = transport
  const lifetime = new AbortController()
  const { signal } = lifetime
  const snapshots = createSnapshots(clock, signal)
  let followed: readonly Subscription[] = []
  const rounds = createRounds(clock, askAll)
  let triesLeft = 0
  let isCheckDue = false
  let error: UploadError | undefined
  /** That of the last questions: as long as the next ones are on their way, it is still what is known. */
  let shownError: UploadError | undefined
  let pollMs = POLL_MS.first
  let cancelTimer: (() => void) | undefined

  const isHealthy = () => $connection.get().status === 'connected' && tellers().every((one) => one.isSubscribed)
  const forgetWake = environment.onWake(refresh)
  const forgetConnection = $connection.listen(({ status }, before) => {
    if (status !== before?.status) changed('connection', status)
    else onChange()
  })

  function refresh(): void {
    transport.wake()
    snapshots.giveUpLate()
    isCheckDue = true
    want(tellers())
  }

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
        want(tellers().filter((teller) => teller === one))
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
    if (verdict === 'ask' || (snapshots.isAsking() && update.version === undefined && isTerminal(update.status))) {
      triesLeft = TRIES
      // Where the server does not answer it is asked when it is time.
      if (error === undefined) want([one])
    }
    schedule()
  }

  function want(wanted: readonly Subscription[]): void {
    for (const one of wanted) one.isFetchWanted = true
    if (backend !== undefined) rounds.want()
  }

  async function askAll(): Promise<boolean> {
    let isUseful = false
    error = undefined
    forgetTimer()
    const attempt = async (call: () => Promise<boolean>) => {
      try {
        if (await call()) isUseful = true
        return true
      } catch (thrown) {
        // What the server will not tell of one topic must not keep the others from being asked about.
        error = toUploadError(thrown)
        return false
      }
    }
    const unanswered: Subscription[] = []
    // Whoever joins meanwhile stands at the end.
    for (let index = 0; index < followed.length; index += 1) {
      const one = followed[index] as Subscription
      if (!one.isFetchWanted) continue
      const asked = one.topic.kind === 'operation' ? wantedOperations() : [one]
      for (const each of asked) each.isFetchWanted = false
      const call = () => (one.topic.kind === 'operation' ? fetchOperations(asked) : fetchPages(one))
      if (!(await attempt(call))) unanswered.push(...asked)
    }
    for (const one of unanswered) one.isFetchWanted = true
    if (isCheckDue) isCheckDue = !(await attempt(check))
    if (signal.aborted) return true
    shownError = error
    if (error !== undefined) {
      debug('snapshot failed:', error)
    }
    onChange()
    schedule()
    if (!isUseful && triesLeft > 0) {
      triesLeft -= 1
      want(tellers())
    }
    return isUseful
  }

  /** What was changed by hand has no new place in the order of changes: no cursor tells it. */
  async function check(): Promise<boolean> {
    const ids = operations.unfinishedIds().slice(0, MAX_SNAPSHOT_PAGE)
    return ids.length > 0 && takeAll(await ask(({ snapshot }, ends) => snapshot({ ids }, ends)))
  }

  /** A page with a hundred operations on it asks about them by one question. */
  function wantedOperations(): readonly Subscription[] {
    return followed.filter((one) => one.isFetchWanted && one.topic.kind === 'operation').slice(0, MAX_SNAPSHOT_PAGE)
  }

  async function fetchOperations(asked: readonly Subscription[]): Promise<boolean> {
    const ids = asked.flatMap(({ topic }) => (topic.kind === 'operation' ? topic.id : []))
    const page = await ask(({ snapshot }, ends) => snapshot({ ids }, ends))
    const isUseful = takeAll(page)
    for (const one of asked) options.onPage(one, page, true)
    return isUseful
  }

  /** Returns whether anything was news. */
  async function fetchPages(one: Subscription): Promise<boolean> {
    const { topic } = one
    const selection = topic.kind === 'job' ? { job_id: topic.id } : { all: true as const }
    let isUseful = false
    for (let isLast = false; !isLast && one.unsubscribe !== undefined; ) {
      const { cursor } = one
      const page = await ask(({ snapshot, job }, ends) =>
        topic.kind === 'job' && job !== undefined
          ? job(topic.id, cursor, ends)
          : snapshot({ ...selection, ...(cursor !== undefined && { cursor }) }, ends),
      )
      if (takeAll(page)) isUseful = true
      one.cursor = page.cursor || undefined
      // A page that leads nowhere is the last one, whatever the server says.
      isLast = !page.more || one.cursor === cursor
      options.onPage(one, page, isLast)
    }
    return isUseful
  }

  function takeAll({ operations }: StatusPage): boolean {
    return operations.filter((update) => take(update, 'snapshot', {}) === 'apply').length > 0
  }

  async function ask(question: (server: StatusBackend, ends: AbortSignal) => Promise<StatusPage>): Promise<StatusPage> {
    const askedAt = clock.now()
    // A job that the server does not know has no operations.
    const page = await snapshots.ask((ends) => question(backend as StatusBackend, ends), { operations: [], cursor: '', more: false })
    serverClock.told(askedAt, page.server_time)
    return page
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
    if (cancelTimer !== undefined) return
    const wait = waitMs()
    if (wait === undefined) return
    cancelTimer = clock.setTimeout(() => {
      cancelTimer = undefined
      if (waitMs() === undefined) return
      if (error !== undefined || !isHealthy()) pollMs = Math.min(POLL_MS.longest, pollMs * 1.5)
      else isCheckDue = true
      want(tellers())
    }, wait)
  }

  function waitMs(): number | undefined {
    if (backend === undefined || signal.aborted) return undefined
    if (error !== undefined) return Math.max(pollMs, error.retryAfterMs ?? 0)
    if (!isHealthy()) return pollMs
    return operations.unfinished() > 0 ? SAFETY_MS : undefined
  }

  return {
    follow(wanted) {
      const kept = new Set(wanted)
      for (const one of followed) if (!kept.has(one)) leave(one)
      followed = wanted
      for (const one of wanted) if (one.unsubscribe === undefined) join(one)
      want([])
      onChange()
    },
    connection: () => snapshots.connection($connection.get(), backend !== undefined && !isHealthy(), shownError !== undefined),
    error: () => shownError ?? followed.find((one) => one.error !== undefined)?.error,
    refresh,
    dispose() {
      lifetime.abort()
      forgetWake()
      forgetConnection()
      rounds.dispose()
      forgetTimer()
      for (const one of followed) leave(one)
      transport.dispose()
    },
  }
}
