import { atom, type ReadableAtom } from 'nanostores'
import { createAlarms } from '../alarms.js'
import type { Environment } from '../environment.js'
import { toUploadError, UploadError } from '../errors.js'
import type { UploadItem } from '../item/item.js'
import { hear, isAbout, isUnfinished, unlessMirrored } from '../item/machine.js'
import { restoredItem } from '../item/new-item.js'
import {
  type Decoded,
  decodeSyncStatus,
  isTerminal,
  judge,
  MAX_SNAPSHOT_PAGE,
  remember,
  type SnapshotAnswer,
  type SnapshotRequest,
  type SyncStatusUpdate,
} from '../protocol/index.js'
import { hasSameFields } from '../store/same-fields.js'
import type { Commit, UploadStore } from '../store/upload-store.js'
import type { ConnectionStatus, RealtimeTransport } from './transport.js'

/** First wait between two polls of the snapshot, in milliseconds; the longest one. */
const POLL_MS = { first: 1000, longest: 15_000 }
/** How often the snapshot is fetched although realtime seems healthy, while anything is unconfirmed: a lost last message leaves no gap to notice. */
const SAFETY_MS = 30_000
/** Most words kept of operations that are not known yet. */
const MAX_UNKNOWN = 1000

export interface SyncSessionOptions {
  readonly environment: Environment
  readonly store: UploadStore
  readonly transport: RealtimeTransport
  readonly jobId: string
  snapshot(request: SnapshotRequest, signal: AbortSignal): Promise<SnapshotAnswer>
  /** In milliseconds. */
  readonly processingDeadlineMs: number
  /** Whether the job is of an earlier page, whose operations come back as items. */
  readonly isRestored: boolean
  onRestored(items: readonly UploadItem[]): void
  onDropped(reason: string, raw: unknown): void
  onWarning(error: UploadError): void
}

/**
 * Keeps items at the server's state, by the recovery rule of the protocol: "subscribe → fetch the snapshot → apply both by
 * rule 1", again after each reconnect and wake-up; polling while realtime is not healthy; a slow safety snapshot while it is.
 * Follows the uploader's own job once it is started, and the job of each item of an earlier page for as long as one of its items is here.
 */
export interface SyncSession {
  readonly $connection: ReadableAtom<ConnectionStatus>
  /** Subscribes to the own job, once. Called before the first upload is created, so that no word about it can be missed. */
  start(): void
  /** Takes the server's answer to a command of ours. */
  take(update: SyncStatusUpdate): void
  /** Something may have been missed: the page slept, or the network returned. */
  wake(): void
  /** While it is suspended no word changes anything: another tab may go on with the items. Afterwards everything is asked anew. */
  suspend(isSuspended: boolean): void
  dispose(): void
}

/** A batch on the server, and how far it is known here. */
interface Job {
  readonly id: string
  /** Items of it; those whose operation is known; and those of which more is to come. */
  items: number
  known: number
  unconfirmed: number
  /** The place in the order of changes up to which they were fetched. */
  cursor: string | undefined
  isFetchWanted: boolean
  /** It is of an earlier page, and its operations did not yet become items. */
  needsRestore: boolean
  isSubscribed: boolean
  unsubscribe: (() => void) | undefined
}

export type ConnectSync = (options: SyncSessionOptions) => SyncSession

export const connectSync: ConnectSync = (options) => {
  const { environment, store, transport, jobId } = options
  const { clock } = environment
  const lifetime = new AbortController()
  const { signal } = lifetime
  const unknown = new Map<string, SyncStatusUpdate>()
  const toAsk = new Set<string>()
  /** Operations whose end was told without a version while a snapshot was on its way: it may be older than that end. */
  const spokenOf = new Set<string>()
  const own = newJob(jobId)
  own.needsRestore = options.isRestored
  const jobs = new Map([[jobId, own]])

  let processing = 0
  let isSuspended = false
  let fetching = false
  let failures = 0
  let pollMs = POLL_MS.first
  let cancelTimer: (() => void) | undefined
  /** What the snapshot tells of the connection where there is no other one. */
  let polled: Partial<ConnectionStatus> = {}

  const deadlines = createAlarms<string>(clock, (id) => {
    const item = store.dispatch(id, { type: 'deadlinePassed' })
    if (item?.phase === 'processing' && item.operationId !== undefined) ask(item.operationId)
  })

  const followed = () => [...jobs.values()].filter((job) => job.unsubscribe !== undefined)
  const isHealthy = () =>
    transport.$connection.get().status === 'connected' && followed().length > 0 && followed().every((job) => job.isSubscribed)
  const $connection = atom(connection())
  const forgetConnection = transport.$connection.listen((status, before) => {
    if (status.status !== before?.status) reschedule()
    updateConnection()
  })
  store.onCommit(onCommit)

  // -- the server's words --------------------------------------------------------------------------------------------------------------

  function receive(raw: unknown): void {
    if (isSuspended) return
    const decoded = decode(raw)
    if (decoded === undefined) return
    const { update } = decoded
    const isEnd = isTerminal(update.status)
    if (update.version === undefined && isEnd && fetching) spokenOf.add(update.operation_id)
    const item = itemOf(update)
    if (item === undefined) return keepUnknown(update)
    // Rule 7: others may write to this channel. Ends and results, and what would undo an end, are read from an authorised snapshot alone.
    const status = item.server?.status
    if (!transport.authoritative && (isEnd || (status !== undefined && isTerminal(status)))) return ask(update.operation_id)
    if (judge(item.server?.seen, update) === 'ask') return ask(update.operation_id)
    store.dispatchBy(hear, item.id, { type: transport.authoritative ? 'serverSaid' : 'heard', update })
  }

  function decode(raw: unknown): Decoded | undefined {
    try {
      const decoded = (transport.decode ?? decodeSyncStatus)(raw)
      if (decoded !== null) return decoded
      options.onDropped('It is not understood.', raw)
    } catch (error) {
      options.onDropped(error instanceof Error ? error.message : 'It is not understood.', raw)
    }
    return undefined
  }

  function itemOf(update: SyncStatusUpdate): UploadItem | undefined {
    const { operation_id, client_ref } = update
    const known = unlessMirrored(store.byOperation(operation_id) ?? (client_ref === undefined ? undefined : store.get(client_ref)))
    return known !== undefined && isAbout(known, update) ? known : undefined
  }

  /** Rule 5: "an update that arrives before the upload's own response is kept and applied when its operation is known". */
  function keepUnknown(update: SyncStatusUpdate): void {
    const before = unknown.get(update.operation_id)
    if (before !== undefined && judge(remember(undefined, before), update) !== 'apply') return
    unknown.delete(update.operation_id)
    unknown.set(update.operation_id, update)
    if (unknown.size > MAX_UNKNOWN) unknown.delete(unknown.keys().next().value as string)
  }

  function onCommit({ id, event, ...change }: Commit): void {
    if (signal.aborted) return
    const before = unlessMirrored(change.before)
    const after = unlessMirrored(change.after)
    const job = count(after, 1)
    const jobBefore = count(before, -1)
    if (job !== undefined && job !== own) follow(job)
    if (jobBefore !== undefined && jobBefore !== own && jobBefore.items === 0) leave(jobBefore)
    const operationId = after?.operationId
    if (operationId !== undefined && operationId !== before?.operationId) {
      const early = unknown.get(operationId)
      unknown.delete(operationId)
      if (early !== undefined) receive(early)
    }
    const wasProcessing = before?.phase === 'processing'
    const isProcessing = after?.phase === 'processing'
    // From local receipt: "nobody compares `timestamp` with its own clock".
    if (isProcessing && (!wasProcessing || event?.type === 'serverSaid')) deadlines.set(id, clock.now() + options.processingDeadlineMs)
    if (wasProcessing !== isProcessing) {
      if (wasProcessing) deadlines.clear(id)
      else if (pollMs > POLL_MS.first) reschedule()
      updateConnection()
    }
    schedule()
  }

  function count(item: UploadItem | undefined, sign: 1 | -1): Job | undefined {
    if (item === undefined) return undefined
    const id = item.jobId ?? jobId
    const job = jobs.get(id) ?? newJob(id)
    jobs.set(id, job)
    job.items += sign
    if (item.phase === 'processing') processing += sign
    if (item.operationId !== undefined) {
      job.known += sign
      if (isUnfinished(item)) job.unconfirmed += sign
    }
    return job
  }

  // -- which jobs are followed -----------------------------------------------------------------------------------------------------------

  function follow(job: Job): void {
    if (job.unsubscribe !== undefined || signal.aborted) return
    // Of another page's job words may have been missed from the first moment on; of the own one nothing was created yet.
    job.isFetchWanted = job !== own || job.needsRestore
    job.unsubscribe = () => {}
    job.unsubscribe = transport.subscribe(
      { kind: 'job', id: job.id },
      {
        onMessage: receive,
        onSubscribed() {
          job.isSubscribed = true
          updateConnection()
          reschedule()
          // Before anything was created there is nothing that could have been missed.
          if (hasNews(job)) fetchJobs([job])
        },
        onRefused(error) {
          job.isSubscribed = false
          options.onWarning(error)
          updateConnection()
          reschedule()
        },
      },
    )
    if (job.isFetchWanted) void fetchAll()
  }

  /** Nothing of the job is left here. */
  function leave(job: Job): void {
    jobs.delete(job.id)
    job.unsubscribe?.()
    updateConnection()
  }

  const hasNews = (job: Job) => job.needsRestore || job.known > 0

  // -- snapshots: one at a time, whoever asks ------------------------------------------------------------------------------------------

  function ask(operationId: string): void {
    toAsk.add(operationId)
    void fetchAll()
  }

  function fetchJobs(wanted: readonly Job[]): void {
    for (const job of wanted) job.isFetchWanted = true
    void fetchAll()
  }

  async function fetchAll(): Promise<void> {
    if (fetching || signal.aborted) return
    fetching = true
    cancelTimer?.()
    cancelTimer = undefined
    try {
      /** What one job's server will not tell must not keep the others from being asked about. */
      const failed = new Map<Job, unknown>()
      for (;;) {
        const job = followed().find((one) => one.isFetchWanted && !failed.has(one))
        if (toAsk.size > 0) await fetchIds()
        else if (job === undefined) break
        else await fetchPages(job).catch((error: unknown) => failed.set(job, error))
        signal.throwIfAborted()
      }
      for (const error of failed.values()) throw error
      failures = 0
    } catch (error) {
      if (signal.aborted) return
      failures += 1
      polled = { ...polled, status: 'error', latency: null }
      if (failures === 1) options.onWarning(toUploadError(error))
    } finally {
      fetching = false
      spokenOf.clear()
    }
    updateConnection()
    schedule()
  }

  async function fetchIds(): Promise<void> {
    const ids = [...toAsk].slice(0, MAX_SNAPSHOT_PAGE)
    spokenOf.clear()
    const answer = await fetchSnapshot({ ids })
    for (const id of ids) toAsk.delete(id)
    for (const update of answer.operations) applySnapshot(update)
  }

  async function fetchPages(job: Job): Promise<void> {
    job.isFetchWanted = false
    const restored: SyncStatusUpdate[] = []
    try {
      for (let hasMore = true; hasMore; ) {
        spokenOf.clear()
        const answer = await fetchSnapshot({ job_id: job.id, ...(job.cursor !== undefined && { cursor: job.cursor }) })
        for (const update of answer.operations) {
          if (itemOf(update) !== undefined) applySnapshot(update)
          else if (job.needsRestore) restored.push(update)
          else keepUnknown(update)
        }
        const next = answer.cursor === '' ? undefined : answer.cursor
        // A page that leads nowhere is the last one, whatever the server says.
        hasMore = answer.more && next !== job.cursor
        job.cursor = next
      }
    } catch (error) {
      job.isFetchWanted = true
      // While an earlier page's items are being gathered, a broken attempt starts again from the beginning.
      if (job.needsRestore) job.cursor = undefined
      throw error
    }
    if (job.needsRestore) restore(job, restored)
  }

  async function fetchSnapshot(request: SnapshotRequest): Promise<SnapshotAnswer> {
    const askedAt = clock.now()
    const answer = await options.snapshot(request, signal).catch((error: unknown) => {
      // A job that the server does not know, or no longer, has no operations.
      if (error instanceof UploadError && error.status === 404) return { operations: [], cursor: request.cursor ?? '', more: false }
      throw error
    })
    signal.throwIfAborted()
    const now = clock.now()
    polled = { status: 'connected', lastPing: new Date(now).toISOString(), latency: Math.max(0, now - askedAt) }
    return answer
  }

  function applySnapshot(update: SyncStatusUpdate): void {
    if (isSuspended) return
    if (update.version === undefined && spokenOf.has(update.operation_id)) {
      toAsk.add(update.operation_id)
      return
    }
    const item = itemOf(update)
    if (item !== undefined) store.dispatchBy(hear, item.id, { type: 'serverSaid', update, source: 'snapshot' })
  }

  function restore(job: Job, updates: readonly SyncStatusUpdate[]): void {
    job.needsRestore = false
    const latest = new Map<string, SyncStatusUpdate>()
    for (const update of updates) {
      const key = update.client_ref ?? update.operation_id
      const other = latest.get(key)
      if (other === undefined || (update.attempt ?? 1) > (other.attempt ?? 1)) latest.set(key, update)
    }
    const now = clock.now()
    // A snapshot comes in the order of last changes; a list that is looked at again wants the order in which it was made.
    const place = ({ position = Number.MAX_SAFE_INTEGER }: SyncStatusUpdate) => position
    const items = [...latest.values()]
      .sort((a, b) => place(a) - place(b))
      .flatMap((update) => restoredItem(update, now) ?? [])
      .filter((item) => store.get(item.id) === undefined)
    if (items.length > 0) options.onRestored(items)
  }

  // -- when to look again --------------------------------------------------------------------------------------------------------------

  function schedule(): void {
    if (signal.aborted || fetching || cancelTimer !== undefined) return
    const wait = waitMs()
    if (wait === undefined) return
    cancelTimer = clock.setTimeout(() => {
      cancelTimer = undefined
      if (waitMs() === undefined) return
      if (!isHealthy() || failures > 0) pollMs = Math.min(POLL_MS.longest, pollMs * 1.5)
      fetchJobs(followed().filter(hasNews))
    }, wait)
  }

  /** From the shortest wait on: the connection changed, or there is something new to wait for. */
  function reschedule(): void {
    pollMs = POLL_MS.first
    cancelTimer?.()
    cancelTimer = undefined
    schedule()
  }

  function waitMs(): number | undefined {
    const now = followed()
    if (now.length === 0) return undefined
    if (toAsk.size > 0 || now.some((job) => job.needsRestore || job.isFetchWanted)) return pollMs
    if (!isHealthy()) return processing > 0 ? pollMs : undefined
    return now.some((job) => job.unconfirmed > 0) ? SAFETY_MS : undefined
  }

  function connection(): ConnectionStatus {
    const status = transport.$connection.get()
    return { ...status, ...(status.transport === 'polling' ? polled : { polling: !isHealthy() && processing > 0 }) }
  }

  function updateConnection(): void {
    const after = connection()
    if (!hasSameFields($connection.get(), after)) $connection.set(after)
  }

  function wake(): void {
    const now = followed()
    if (now.length === 0 || isSuspended) return
    deadlines.check()
    transport.wake()
    // What has ended too: it may have been revoked meanwhile.
    fetchJobs(now.filter(hasNews))
  }

  return {
    $connection,
    start: () => follow(own),
    take(update) {
      const item = itemOf(update)
      if (item !== undefined && !isSuspended) store.dispatchBy(hear, item.id, { type: 'serverSaid', update, source: 'snapshot' })
    },
    wake,
    suspend(suspended) {
      if (suspended === isSuspended) return
      isSuspended = suspended
      if (suspended) return
      // What was not taken has to come once more.
      for (const job of jobs.values()) job.cursor = undefined
      wake()
    },
    dispose() {
      lifetime.abort()
      for (const job of followed()) job.unsubscribe?.()
      forgetConnection()
      cancelTimer?.()
      deadlines.dispose()
    },
  }
}

function newJob(id: string): Job {
  return {
    id,
    items: 0,
    known: 0,
    unconfirmed: 0,
    cursor: undefined,
    isFetchWanted: false,
    needsRestore: false,
    isSubscribed: false,
    unsubscribe: undefined,
  }
}
