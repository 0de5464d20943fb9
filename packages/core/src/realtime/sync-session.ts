import { atom, type ReadableAtom } from 'nanostores'
import type { Environment } from '../environment.js'
import { isUnanswered, toUploadError, type UploadError } from '../errors.js'
import type { UploadItem } from '../item/item.js'
import { hear, isAbout, isUnfinished, unlessMirrored } from '../item/machine.js'
import {
  decodeBy,
  isTerminal,
  judge,
  MAX_SNAPSHOT_PAGE,
  type Decoded,
  type SnapshotAnswer,
  type SnapshotRequest,
  type SyncStatusUpdate,
} from '../protocol/index.js'
import { hasSameFields } from '../store/same-fields.js'
import type { Commit, UploadStore } from '../store/upload-store.js'
import { createCrowd } from './crowd.js'
import { createEarlyWords } from './early-words.js'
import { countIn, hasNews, type Job, newJob } from './job.js'
import { createProcessingDeadlines } from './processing-deadlines.js'
import { restoredItems } from './restored-items.js'
import { createRounds } from './rounds.js'
import { createSnapshots } from './snapshots.js'
import type { ConnectionStatus, RealtimeTransport } from './transport.js'

/** How often what was said to have ended is asked about until the server says so, too: it may have been told before it was written. */
const HINT_TRIES = 5
/** Longest reason for which a message was dropped, in characters. */
const MAX_REASON = 200

/** How often the server is asked, in milliseconds. */
export interface SyncTiming {
  /** First wait between two polls of the snapshot, while realtime is not healthy. @default 1000 */
  readonly pollMs?: number
  /** The longest one, to which it grows. @default 15000 */
  readonly longestPollMs?: number
  /** How often what is unconfirmed is asked about although realtime seems healthy: a lost last message leaves no gap to notice. @default 30000 */
  readonly safetyMs?: number
}

export interface SyncSessionOptions {
  readonly environment: Environment
  readonly store: UploadStore
  readonly transport: RealtimeTransport
  readonly jobId: string
  snapshot(request: SnapshotRequest, signal: AbortSignal): Promise<SnapshotAnswer>
  /** In milliseconds. */
  readonly processingDeadlineMs: number
  readonly timing?: SyncTiming
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

/** About an operation: how often again, and the version which a hint has told of, where it told one. */
interface Question {
  readonly tries: number
  readonly version?: number | undefined
}
const ONCE: Question = { tries: 0 }

export type ConnectSync = (options: SyncSessionOptions) => SyncSession

export const connectSync: ConnectSync = (options) => {
  const { environment, store, transport, jobId } = options
  const { pollMs: firstPollMs = 1000, longestPollMs = 15_000, safetyMs = 30_000 } = options.timing ?? {}
  const { clock } = environment
  const lifetime = new AbortController()
  const { signal } = lifetime
  const snapshots = createSnapshots(clock, signal)
  const early = createEarlyWords()
  const crowd = createCrowd(clock, read)
  /** Operations to ask about. */
  const toAsk = new Map<string, Question>()
  /** Operations of which more is to come; those that were checked last come last. */
  const unconfirmed = new Set<string>()
  /** Operations whose end was told without a version while a snapshot was on its way: it may be older than that end. */
  const spokenOf = new Set<string>()
  const own = newJob(jobId)
  own.needsRestore = options.isRestored
  const jobs = new Map([[jobId, own]])
  const followed = new Set<Job>()
  const rounds = createRounds(clock, askAll)

  let processing = 0
  let isSuspended = false
  let failures = 0
  let pollMs = firstPollMs
  let cancelPoll: (() => void) | undefined
  let cancelCheck: (() => void) | undefined
  let isCheckDue = false

  const deadlines = createProcessingDeadlines(clock, options.processingDeadlineMs, (id) => {
    const item = store.dispatch(id, { type: 'deadlinePassed' })
    if (item?.phase === 'processing' && item.operationId !== undefined) ask(item.operationId)
  })

  const $connection = atom(connection())
  const forgetConnection = transport.$connection.listen((status, before) => {
    if (status.status !== before?.status) reschedule()
    updateConnection()
  })
  store.onCommit(onCommit)

  // -- the server's words --------------------------------------------------------------------------------------------------------------

  /** Whatever the transport hands over, and however the page reads it: nothing is thrown back. */
  function receive(raw: unknown, bytes?: number): void {
    // A dialect may know better what can be left out.
    if (transport.decode !== undefined || !crowd.holds(raw, bytes)) read(raw, bytes)
  }

  function read(raw: unknown, bytes?: number): void {
    if (isSuspended || signal.aborted) return
    try {
      const word = decodeBy(transport.decode, raw)
      const { update } = word
      const item = itemOf(update)
      if (item !== undefined) hearLive(item, word)
      else early.keep(word, 'live', bytes ?? (typeof raw === 'string' ? raw.length : sizeOf(update)))
    } catch (error) {
      options.onDropped(reasonOf(error), raw)
    }
  }

  function hearLive(item: UploadItem, word: Decoded): void {
    const { update } = word
    if (snapshots.isAsking() && update.version === undefined && isTerminal(update.status)) spokenOf.add(update.operation_id)
    const verdict = judge(item.server?.seen, update, 'live', word)
    if (verdict === 'drop') return
    if (verdict === 'ask') return isTerminal(update.status) ? ask(update.operation_id) : askLater(update.operation_id)
    if (transport.authoritative) return void store.dispatchBy(hear, item.id, { type: 'serverSaid', ...word })
    // Rule 7: others may write to this channel. Ends and results, and what would undo an end, are read from an authorised snapshot alone.
    const hasEnded = item.server !== undefined && isTerminal(item.server.status)
    if (hasEnded || isTerminal(update.status)) return ask(update.operation_id, { tries: HINT_TRIES, version: update.version })
    store.dispatchBy(hear, item.id, { type: 'heard', ...word })
  }

  /** Takes the server's answer to a question or a command of ours; returns whether it was news. */
  function takeAnswer(update: SyncStatusUpdate): boolean {
    const item = isSuspended ? undefined : itemOf(update)
    return item !== undefined && store.dispatchBy(hear, item.id, { type: 'serverSaid', update, source: 'snapshot' }) !== item
  }

  function itemOf(update: SyncStatusUpdate): UploadItem | undefined {
    const { operation_id, client_ref } = update
    const known = unlessMirrored(store.byOperation(operation_id) ?? (client_ref === undefined ? undefined : store.get(client_ref)))
    return known !== undefined && isAbout(known, update) ? known : undefined
  }

  function hearEarly(operationId: string): void {
    const { word, source, isDoubtful } = early.take(operationId) ?? { isDoubtful: early.hasForgotten() }
    if (isDoubtful) ask(operationId)
    if (word === undefined) return
    if (source === 'snapshot') return void takeAnswer(word.update)
    const item = itemOf(word.update)
    if (item !== undefined) hearLive(item, word)
  }

  // -- which items there are -----------------------------------------------------------------------------------------------------------

  function onCommit({ id, event, ...change }: Commit): void {
    if (signal.aborted) return
    const before = unlessMirrored(change.before)
    const after = unlessMirrored(change.after)
    const wasProcessing = before?.phase === 'processing'
    const isProcessing = after?.phase === 'processing'
    // From local receipt: "nobody compares `timestamp` with its own clock".
    if (isProcessing && (!wasProcessing || event?.type === 'serverSaid' || event?.type === 'heard')) deadlines.prolong(id)
    // Progress, which is most of what happens.
    if (before?.phase === after?.phase && before?.operationId === after?.operationId && before?.jobId === after?.jobId) return
    const job = count(after, 1)
    const jobBefore = count(before, -1)
    if (before?.operationId !== undefined) unconfirmed.delete(before.operationId)
    if (after?.operationId !== undefined && isUnfinished(after)) unconfirmed.add(after.operationId)
    if (job !== undefined && job !== own) follow(job)
    if (jobBefore !== undefined && jobBefore !== own && jobBefore.items === 0) leave(jobBefore)
    if (after?.operationId !== undefined && after.operationId !== before?.operationId) hearEarly(after.operationId)
    if (wasProcessing !== isProcessing) {
      if (wasProcessing) deadlines.clear(id)
      else if (pollMs > firstPollMs) reschedule()
      updateConnection()
    }
    schedule()
  }

  function count(item: UploadItem | undefined, sign: 1 | -1): Job | undefined {
    if (item === undefined) return undefined
    const id = item.jobId ?? jobId
    const job = jobs.get(id) ?? newJob(id)
    jobs.set(id, job)
    countIn(job, item, sign)
    if (item.phase === 'processing') processing += sign
    return job
  }

  // -- which jobs are followed -----------------------------------------------------------------------------------------------------------

  function follow(job: Job): void {
    if (followed.has(job) || signal.aborted) return
    followed.add(job)
    // Of another page's job words may have been missed from the first moment on; of the own one nothing was created yet.
    job.isFetchWanted = job !== own || job.needsRestore
    job.unsubscribe = transport.subscribe(
      { kind: 'job', id: job.id },
      {
        onMessage: receive,
        onSubscribed() {
          job.isSubscribed = true
          updateConnection()
          reschedule()
          // Before anything was created there is nothing that could have been missed.
          if (hasNews(job)) fetchJob(job)
        },
        onRefused(error) {
          job.isSubscribed = false
          options.onWarning(error)
          updateConnection()
          reschedule()
        },
      },
    )
    if (job.isFetchWanted) rounds.want()
  }

  /** Nothing of the job is left here. */
  function leave(job: Job): void {
    jobs.delete(job.id)
    followed.delete(job)
    job.unsubscribe()
    updateConnection()
  }

  function isHealthy(): boolean {
    if (transport.$connection.get().status !== 'connected' || followed.size === 0) return false
    for (const job of followed) if (!job.isSubscribed) return false
    return true
  }

  // -- snapshots -----------------------------------------------------------------------------------------------------------------------

  function ask(operationId: string, question: Question = ONCE): void {
    const other = toAsk.get(operationId)
    if (other === undefined || question.tries > other.tries) toAsk.set(operationId, question)
    rounds.want()
  }

  /** What it is about shows no end: it can wait as long as a poll. */
  function askLater(operationId: string): void {
    if (!toAsk.has(operationId)) toAsk.set(operationId, ONCE)
    schedule()
  }

  function fetchJob(job: Job): void {
    job.isFetchWanted = true
    rounds.want()
  }

  /** One round: all that is wanted, one request after the other. Answers whether anything came of it. */
  async function askAll(): Promise<boolean> {
    cancelPoll?.()
    cancelPoll = undefined
    const errors: UploadError[] = []
    let isNews = false
    const questions = [askIds, ...[...followed].filter((job) => job.isFetchWanted).map((job) => () => askJob(job))]
    for (const question of questions) {
      try {
        if (await question()) isNews = true
      } catch (error) {
        if (signal.aborted) return false
        errors.push(toUploadError(error))
      }
      // What one job's server will not tell must not keep the others from being asked about, unless nobody is there to answer.
      if (errors.some(isUnanswered)) break
    }
    failures = errors.length > 0 ? failures + 1 : 0
    if (errors[0] !== undefined && failures === 1) options.onWarning(errors[0])
    updateConnection()
    schedule()
    return isNews
  }

  async function askIds(): Promise<boolean> {
    let isNews = false
    const all = [...toAsk]
    for (let start = 0; start < all.length; start += MAX_SNAPSHOT_PAGE) {
      const page = all.slice(start, start + MAX_SNAPSHOT_PAGE)
      // Who asks from now on wants to know what is true from now on.
      for (const [id] of page) toAsk.delete(id)
      try {
        const { operations } = await fetchSnapshot({ ids: page.map(([id]) => id) })
        for (const update of operations) isNews = applySnapshot(update) || isNews
      } catch (error) {
        // What is refused for good is not asked again.
        if (toUploadError(error).code !== 'rejected') for (const [id, question] of page) if (!toAsk.has(id)) toAsk.set(id, question)
        throw error
      }
      for (const [id, { tries, version }] of page) {
        const item = tries > 0 ? store.byOperation(id) : undefined
        if (item !== undefined && !isAnswered(item, version)) ask(id, { tries: tries - 1, version })
      }
    }
    return isNews
  }

  async function askJob(job: Job): Promise<boolean> {
    job.isFetchWanted = false
    if (job.isFromStart) job.cursor = undefined
    job.isFromStart = false
    const restored: SyncStatusUpdate[] = []
    let isNews = false
    try {
      for (let hasMore = true; hasMore; ) {
        const answer = await fetchSnapshot({ job_id: job.id, ...(job.cursor !== undefined && { cursor: job.cursor }) })
        for (const update of answer.operations) {
          if (itemOf(update) !== undefined) isNews = applySnapshot(update) || isNews
          else if (job.needsRestore) restored.push(update)
          else early.keep({ update, phase: 'processing', order: 'timestamp' }, 'snapshot', sizeOf(update))
        }
        const next = answer.cursor === '' ? undefined : answer.cursor
        // A page that leads nowhere is the last one, whatever the server says.
        hasMore = answer.more && next !== job.cursor
        job.cursor = next
      }
    } catch (error) {
      job.isFetchWanted = true
      // While an earlier page's items are being gathered, a broken attempt starts again from the beginning; so does one whose cursor is refused.
      if (job.needsRestore || toUploadError(error).code === 'rejected') job.cursor = undefined
      throw error
    }
    if (job.needsRestore) restore(job, restored)
    return isNews || restored.length > 0
  }

  function fetchSnapshot(request: SnapshotRequest): Promise<SnapshotAnswer> {
    spokenOf.clear()
    // A job that the server does not know has no operations.
    return snapshots.ask((ends) => options.snapshot(request, ends), { operations: [], cursor: request.cursor ?? '', more: false })
  }

  function applySnapshot(update: SyncStatusUpdate): boolean {
    if (update.version !== undefined || !spokenOf.has(update.operation_id)) return takeAnswer(update)
    ask(update.operation_id)
    return false
  }

  function restore(job: Job, updates: readonly SyncStatusUpdate[]): void {
    job.needsRestore = false
    const items = restoredItems(updates, clock.now()).filter(({ id }) => store.get(id) === undefined)
    if (items.length > 0) options.onRestored(items)
  }

  // -- when to look again --------------------------------------------------------------------------------------------------------------

  function needsPoll(): boolean {
    return failures > 0 || toAsk.size > 0 || (processing > 0 && !isHealthy())
  }

  function schedule(): void {
    if (signal.aborted || isSuspended || followed.size === 0) return
    if (cancelPoll === undefined && needsPoll()) cancelPoll = clock.setTimeout(onPoll, pollMs)
    if (cancelCheck === undefined && unconfirmed.size > 0) cancelCheck = clock.setTimeout(onCheck, safetyMs)
  }

  /** From the shortest wait on: the connection changed, or there is something new to wait for. */
  function reschedule(): void {
    pollMs = firstPollMs
    cancelPoll?.()
    cancelPoll = undefined
    schedule()
  }

  function onPoll(): void {
    cancelPoll = undefined
    if (!needsPoll()) return
    pollMs = Math.min(longestPollMs, pollMs * 1.5)
    if (processing > 0 && !isHealthy()) lookAtUnconfirmed()
    rounds.want()
  }

  function onCheck(): void {
    cancelCheck = undefined
    isCheckDue = unconfirmed.size > 0
    // Where it is polled, the next poll is the check.
    if (isCheckDue && isHealthy()) lookAtUnconfirmed()
    schedule()
  }

  /**
   * Asks about what is unconfirmed in as few requests as it takes. What has changed since a cursor is the least to send; a check takes nothing for
   * granted and asks by ids, so that it finds what was changed by hand, too.
   */
  function lookAtUnconfirmed(): void {
    const open = [...followed].filter((job) => job.unconfirmed > 0)
    const isById = isCheckDue || open.length > 1
    if (isById) {
      for (const id of [...unconfirmed].slice(0, MAX_SNAPSHOT_PAGE)) {
        unconfirmed.delete(id)
        unconfirmed.add(id)
        ask(id)
      }
    }
    if (!isById || unconfirmed.size > MAX_SNAPSHOT_PAGE) for (const job of open) fetchJob(job)
    isCheckDue = false
  }

  function connection(): ConnectionStatus {
    return snapshots.connection(transport.$connection.get(), !isHealthy() && processing > 0, failures > 0)
  }

  function updateConnection(): void {
    const after = connection()
    if (!hasSameFields($connection.get(), after)) $connection.set(after)
  }

  function wake(): void {
    if (followed.size === 0 || isSuspended) return
    deadlines.check()
    transport.wake()
    snapshots.giveUpLate()
    reschedule()
    let known = 0
    for (const job of followed) known += job.known
    const isOnePage = known <= MAX_SNAPSHOT_PAGE
    // What has ended too: it may have been revoked meanwhile, by hand even, which no cursor tells.
    if (isOnePage) for (const item of store.items()) if (!item.mirrored && item.operationId !== undefined) ask(item.operationId)
    for (const job of followed) if (job.needsRestore || (job.known > 0 && !isOnePage)) fetchJob(job)
  }

  return {
    $connection,
    start: () => follow(own),
    take: (update) => void takeAnswer(update),
    wake,
    suspend(suspended) {
      if (suspended === isSuspended) return
      isSuspended = suspended
      for (const cancel of [cancelPoll, cancelCheck]) cancel?.()
      cancelPoll = cancelCheck = undefined
      if (suspended) return
      deadlines.check()
      transport.wake()
      reschedule()
      // What was not taken has to come once more.
      for (const job of jobs.values()) job.isFromStart = true
      for (const job of followed) if (hasNews(job)) fetchJob(job)
    },
    dispose() {
      lifetime.abort()
      rounds.dispose()
      crowd.dispose()
      for (const job of followed) job.unsubscribe()
      forgetConnection()
      cancelPoll?.()
      cancelCheck?.()
      deadlines.dispose()
    },
  }
}

/** Whether what was hinted at has come true. */
function isAnswered(item: UploadItem, version: number | undefined): boolean {
  return version === undefined ? !isUnfinished(item) : (item.server?.seen.version ?? -1) >= version
}

/** Why a message was dropped, for counters and logs. What the page's own `decode` throws may be anything. */
function reasonOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message).slice(0, MAX_REASON) : 'not understood'
  } catch {
    return 'not understood'
  }
}

function sizeOf(update: SyncStatusUpdate): number {
  return JSON.stringify(update).length
}
