import type { ReadableAtom } from 'nanostores'
import { browserEnvironment, type Environment } from '../environment.js'
import { UploadError } from '../errors.js'
import { type HealthSigns, type JobSummary, judgeHealth, type SyncStatusUpdate, type SystemHealth } from '../protocol/index.js'
import { polling } from '../realtime/polling.js'
import { type ConnectionStatus, NOT_CONNECTED, type RealtimeFactory } from '../realtime/transport.js'
import { hasSameFields } from '../store/same-fields.js'
import { createView, invalidate, type View } from '../store/view.js'
import { createJobCount, type JobCount } from './job-count.js'
import { createMetrics, type PerformanceMetrics } from './metrics.js'
import { createOperations, type OperationChange } from './operations.js'
import { quantile } from './samples.js'
import { createServerClock } from './server-clock.js'
import type { StatusBackendFactory } from './status-backend.js'
import { connectStatus, type StatusSession } from './status-session.js'
import { newSubscription, type Subscription, type SubscriptionMetrics } from './subscription.js'

/** What `createStatusMonitor` takes: `realtime`, `backend`, or better both. */
export interface StatusMonitorOptions {
  /** `sse(…)` and its like. @default `polling()` */
  readonly realtime?: RealtimeFactory
  /** `statusRoutes(…)`, or any upload backend. Without one nothing is known of what happened while nobody listened, or of what was lost on the way. */
  readonly backend?: StatusBackendFactory
  /** How many operations are kept; those that have ended go first. @default 5000 */
  readonly keep?: number
  /** How often health is judged although nothing has changed, in milliseconds. @default 120000 */
  readonly healthIntervalMs?: number
  /** Readable notes on the console. @default false */
  readonly debug?: boolean
  /** @default the browser's */
  readonly environment?: Partial<Environment>
}

/**
 * The status of all that the server does for this person: every type of operation, whoever began it. Works on a page that uploads nothing.
 * Begins with the first listener of one of its stores, and leaves no timer and no connection behind after the last; what is known then stays.
 * Stores are told once a frame; `get` always answers what is known.
 */
export interface StatusMonitor {
  /** Unfinished ones in the order in which they were heard of, then those that have ended, the latest first. */
  readonly $operations: ReadableAtom<readonly SyncStatusUpdate[]>
  readonly $metrics: ReadableAtom<PerformanceMetrics>
  readonly $health: ReadableAtom<SystemHealth>
  /** What health is judged by. */
  readonly $healthSigns: ReadableAtom<HealthSigns>
  readonly $subscriptions: ReadableAtom<readonly SubscriptionMetrics[]>
  readonly $connection: ReadableAtom<ConnectionStatus>
  /** Why what is known may be old: the server does not answer, or refuses. Who listens to this alone asks for nothing. */
  readonly $error: ReadableAtom<UploadError | undefined>
  /** One operation, followed by its own topic while somebody listens; `undefined` as long as nothing is known of it, `null` where the server knows of none. */
  $operation(id: string): ReadableAtom<SyncStatusUpdate | null | undefined>
  /** A job, followed by its own topic while somebody listens; `undefined` as long as nothing is known of it. */
  $job(id: string): ReadableAtom<JobSummary | undefined>
  /** Calls back with each change of an operation, at once: for who keeps them elsewhere. Heard only while one of the stores is listened to. */
  onChange(listener: OperationListener): () => void
  /** Tries to connect at once, and asks the server about everything again. */
  refresh(): void
  /** Whether there is somebody to ask for the end of an upload. Whether this person may is told by the answer. */
  readonly canCancel: boolean
  /** Asks the server to end an upload. Rejects with its reason where it does not. */
  cancel(operationId: string): Promise<void>
  /** Stops for good. Idempotent. */
  dispose(): void
}

/** Takes an operation as it is now, and as it was known before. */
export type OperationListener = (operation: SyncStatusUpdate, before: SyncStatusUpdate | undefined) => void

/** What is followed by a topic of its own. */
interface Followed {
  readonly subscription: Subscription
  listeners: number
}

interface Job extends Followed {
  readonly count: JobCount
  read(): JobSummary | undefined
}

interface Operation extends Followed {
  /** The server has said what it knows of it. */
  isAnswered: boolean
}

/** What is counted by the minute falls although nothing happens: how often it is looked at, and at whether it is connected, in milliseconds. */
const LOOK_MS = 10_000

/**
 * @example
 * const status = createStatusMonitor({ realtime: sse({ url: '/uploads/events' }), backend: statusRoutes({ url: '/uploads' }) })
 * status.$health.subscribe(({ status, score }) => …)
 */
export function createStatusMonitor(options: StatusMonitorOptions): StatusMonitor {
  const { realtime = polling(), keep = 5000, healthIntervalMs = 120_000 } = options
  if (options.realtime === undefined && options.backend === undefined)
    throw new UploadError('validation', 'createStatusMonitor needs `realtime`, `backend`, or both.')
  const environment: Environment = { ...browserEnvironment(), ...options.environment }
  const { clock } = environment
  const debug = options.debug ? environment.debug : () => {}
  const backend = options.backend?.({ environment, strategies: [] })
  const serverClock = createServerClock(clock)
  const metrics = createMetrics(clock)
  const all = newSubscription(clock, { kind: 'all' })
  const jobs = new Map<string, Job>()
  const single = new Map<string, Operation>()
  const lifetime = new AbortController()
  const listened = new Set<View<unknown>>()
  const changes = new Set<OperationListener>()
  const operations = createOperations({
    keep,
    canAsk: backend !== undefined,
    onChange(change) {
      const { update } = change.after
      metrics.take(change, operations.unfinished())
      if (update.job_id !== undefined) jobs.get(update.job_id)?.count.take(update)
      for (const listener of changes) tell(listener, change)
      changed()
    },
  })

  let session: StatusSession | undefined
  let cancelLook: (() => void) | undefined
  let cancelFrame: (() => void) | undefined
  /** Listeners of what is about all operations. */
  let listenersOfAll = 0
  let health: SystemHealth | undefined
  let subscriptions: readonly SubscriptionMetrics[] | undefined
  const looks = { all: 0, connected: 0 }

  const readMetrics = stable(() => metrics.read(operations.unfinished()))
  const readConnection = stable(() => session?.connection() ?? NOT_CONNECTED)
  const connectedNow = () => Number(readConnection().status === 'connected')
  const followed = () => [
    ...(listenersOfAll > 0 ? [all] : []),
    ...Array.from([...jobs.values(), ...single.values()], ({ subscription }) => subscription),
  ]

  function tell(listener: OperationListener, { before, after }: OperationChange): void {
    try {
      listener(after.update, before?.update)
    } catch (error) {
      environment.reportError(error)
    }
  }

  /** A store that is told of each frame's changes. What nobody listens to is not followed. */
  function store<T>(read: () => T, listen: (change: 1 | -1) => void = (change) => (listenersOfAll += change)): ReadableAtom<T> {
    const view = createView(read, {
      reportError: environment.reportError,
      onFirst() {
        listened.add(view)
        listen(1)
        arrange()
      },
      onLast() {
        listened.delete(view)
        listen(-1)
        // A component that goes and another one that comes are one change of the page: no reason to connect anew.
        void Promise.resolve().then(arrange)
      },
    })
    return view.$store
  }

  /** Costs the same however many listen: ten thousand words a second are no more than a frame's change to them. */
  function changed(): void {
    subscriptions = undefined
    invalidate()
    if (listened.size === 0) return
    cancelFrame ??= environment.nextFrame(() => {
      cancelFrame = undefined
      for (const view of listened) view.refresh()
    })
  }

  function arrange(): void {
    for (const some of [jobs, single]) for (const [id, { listeners }] of some) if (listeners === 0) some.delete(id)
    if (listened.size === 0 || lifetime.signal.aborted) return stop()
    session ??= start()
    session.follow(followed())
  }

  function start(): StatusSession {
    debug('status: started')
    look()
    return connectStatus({
      environment,
      transport: realtime({ environment }),
      backend,
      serverClock,
      operations,
      onPage({ topic }, { job }, isLast) {
        if (topic.kind === 'job') jobs.get(topic.id)?.count.told(job, isLast)
        const operation = topic.kind === 'operation' ? single.get(topic.id) : undefined
        if (operation !== undefined) operation.isAnswered = true
      },
      onChange: changed,
      debug,
    })
  }

  function stop(): void {
    if (session === undefined) return
    debug('status: stopped')
    cancelLook?.()
    session.dispose()
    session = undefined
    changed()
    cancelFrame?.()
    cancelFrame = undefined
  }

  function look(): void {
    cancelLook = clock.setTimeout(() => {
      looks.all += 1
      looks.connected += connectedNow()
      changed()
      look()
    }, LOOK_MS)
  }

  const readSigns = stable((): HealthSigns => {
    const { errorRate } = readMetrics()
    const p95LatencyMs = quantile(
      followed().flatMap((one) => one.latencies()),
      0.95,
    )
    return { errorRate, p95LatencyMs, connected: looks.all > 0 ? looks.connected / looks.all : connectedNow() }
  })

  function readHealth(): SystemHealth {
    const now = clock.now()
    const next = judgeHealth(readSigns(), now)
    // When it was judged is no news by itself.
    const isSame = health !== undefined && hasSameFields(health, { ...next, checkedAt: health.checkedAt })
    if (health === undefined || !isSame || Math.abs(now - Date.parse(health.checkedAt)) >= healthIntervalMs) health = next
    return health
  }

  function newJob(id: string): Job {
    const count = createJobCount()
    for (const update of operations.all()) if (update.job_id === id) count.take(update)
    return { subscription: newSubscription(clock, { kind: 'job', id }), count, read: stable(count.read), listeners: 0 }
  }

  return {
    $operations: store(operations.all),
    $metrics: store(readMetrics),
    $health: store(readHealth),
    $healthSigns: store(readSigns),
    $subscriptions: store(() => (subscriptions ??= followed().map((one) => one.read()))),
    $connection: store(readConnection),
    $error: store(
      () => session?.error(),
      () => {},
    ),
    $operation: (id) =>
      store(
        () => operations.get(id) ?? (single.get(id)?.isAnswered ? null : undefined),
        (change) => {
          const operation = single.get(id) ?? {
            subscription: newSubscription(clock, { kind: 'operation', id }),
            isAnswered: false,
            listeners: 0,
          }
          single.set(id, operation)
          operation.listeners += change
        },
      ),
    $job: (id) =>
      store(
        () => jobs.get(id)?.read(),
        (change) => {
          const job = jobs.get(id) ?? newJob(id)
          jobs.set(id, job)
          job.listeners += change
        },
      ),
    onChange(listener) {
      const own: OperationListener = (...change) => listener(...change)
      changes.add(own)
      return () => changes.delete(own)
    },
    refresh: () => session?.refresh(),
    canCancel: backend?.cancel !== undefined,
    async cancel(operationId) {
      const update = await backend?.cancel?.(operationId, lifetime.signal)
      if (update !== undefined) operations.take(update, 'snapshot', {})
    },
    dispose() {
      lifetime.abort()
      stop()
    },
  }
}

/** Answers the object that it answered before, as long as that says the same: what nobody changed must not look changed. */
function stable<T extends object | undefined>(read: () => T): () => T {
  let last: T
  return () => {
    const next = read()
    if (last === undefined || next === undefined || !hasSameFields<object>(last, next)) last = next
    return last
  }
}
