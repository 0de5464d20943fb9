import { UploadError } from '../errors.js'
import { isTerminal, judge, remember, SUPERSEDED, type Decoded, type SyncStatusUpdate, type WordSource } from '../protocol/index.js'
import type { FileFacts, ServerState, UploadItem, WaitReason } from './item.js'

/**
 * What can happen to an item. Facts, in the past tense, each carrying all that the machine needs: it has no clock and no chance of its own.
 *
 * | event          | taken in                              | leads to |
 * | -------------- | ------------------------------------- | -------- |
 * | started        | queued                                | preparing |
 * | planned        | preparing; failed by server, where the attempt is a newer one | ready (a new attempt where the operation is a new one) |
 * | attemptTaken   | preparing                             | queued, one attempt later |
 * | prepared       | preparing                             | itself, with what the file is now |
 * | planExpired    | ready                                 | queued |
 * | slotTaken      | ready                                 | uploading |
 * | progressed     | uploading                             | itself, upward only |
 * | stopped        | uploading                             | queued (the whole queue was held) |
 * | transferred    | preparing, ready, uploading           | processing (of another operation where the answer names one); completed where no server stage follows |
 * | interrupted    | preparing, ready, uploading           | waiting |
 * | failed         | queued, preparing, ready, uploading, waiting | failed by self |
 * | requeued       | waiting, failed                       | queued |
 * | fileReplaced   | waiting, failed                       | queued; another size or name is a new attempt |
 * | paused         | queued, preparing, ready, waiting; uploading | paused; and back to queued |
 * | resumed        | paused                                | not paused; waiting for time or network goes back to queued |
 * | cancelled      | all but completed, failed, cancelled  | cancelled |
 * | deadlinePassed | processing                            | overdue ("still checking") |
 * | reprioritised  | all                                   | itself |
 * | serverSaid     | all that it is about (`isAbout`), but words on bytes that are ours to send | see `applyWord` |
 * | heard          | all that have the operation, unless the server's last word is an end | itself, with its progress and stage, and not overdue any more |
 *
 * Everything else is late, repeated or impossible and returns the same object, so that `Object.is` keeps every view silent.
 */
export type ItemEvent = OwnEvent | ServerEvent

/** What we did. */
export type OwnEvent =
  | { readonly type: 'started' }
  | { readonly type: 'planned'; readonly operationId?: string; readonly attempt?: number }
  | { readonly type: 'attemptTaken' }
  | { readonly type: 'prepared'; readonly file: FileFacts }
  | { readonly type: 'planExpired' }
  | { readonly type: 'slotTaken' }
  /** `swings`: the speed has just changed much, so that it does not tell how long the rest takes. */
  | { readonly type: 'progressed'; readonly sentBytes: number; readonly bytesPerSecond?: number | undefined; readonly swings?: boolean }
  | { readonly type: 'stopped' }
  | { readonly type: 'transferred'; readonly final: boolean; readonly operationId?: string; readonly result?: unknown }
  | { readonly type: 'interrupted'; readonly reason: WaitReason; readonly error: UploadError; readonly retryAt?: number | undefined }
  | { readonly type: 'failed'; readonly error: UploadError }
  | { readonly type: 'requeued' }
  /** `isOther`: the content is another one, whatever its name and size. */
  | { readonly type: 'fileReplaced'; readonly file: FileFacts; readonly isOther?: boolean | undefined }
  | { readonly type: 'paused' }
  | { readonly type: 'resumed' }
  | { readonly type: 'cancelled' }
  | { readonly type: 'deadlinePassed' }
  | { readonly type: 'reprioritised'; readonly priority: number }

/** What the server said, and what else its decoder knows of the word. */
type Word = Pick<Decoded, 'update'> & Partial<Decoded>
type ServerEvent = (Word & { readonly type: 'serverSaid'; readonly source?: WordSource }) | (Word & { readonly type: 'heard' })

/** The half of the machine that every upload needs. Only it and {@link hear} change an item's phase. Pure. */
export function transition(item: UploadItem, event: OwnEvent): UploadItem {
  // Its own tab's machine decides.
  if (item.mirrored) return item
  switch (event.type) {
    case 'started':
      return item.phase === 'queued' && !item.paused ? next(item, { phase: 'preparing', ...carried(item) }) : item
    case 'planned':
      return item.phase === 'preparing' || isOverrun(item, event) ? planned(item, event) : item
    case 'attemptTaken':
      return item.phase === 'preparing' ? queued({ ...item, attempt: item.attempt + 1 }) : item
    case 'prepared':
      return item.phase === 'preparing' && !isSameFile(item, event.file)
        ? freeze({ ...item, ...event.file, ...pathOf(item, event.file.name) })
        : item
    case 'planExpired':
      return item.phase === 'ready' ? queued(item) : item
    case 'slotTaken':
      return item.phase === 'ready' && !item.paused ? next(item, { phase: 'uploading', sentBytes: sentBytes(item) }) : item
    case 'progressed':
      return item.phase === 'uploading' ? progressed(item, event) : item
    case 'stopped':
      return item.phase === 'uploading' ? queued(item) : item
    case 'transferred':
      // Before "uploading" too: the server may know the bytes of an earlier run, or of an earlier page.
      return item.phase === 'preparing' || item.phase === 'ready' || item.phase === 'uploading' ? transferred(item, event) : item
    case 'interrupted':
      return item.phase === 'preparing' || item.phase === 'ready' || item.phase === 'uploading' ? interrupted(item, event) : item
    case 'failed':
      return isOurs(item) ? next(ended(item), { phase: 'failed', error: event.error, by: 'self' }) : item
    case 'requeued':
      return item.phase === 'waiting' || item.phase === 'failed' ? queued(item) : item
    case 'fileReplaced':
      return item.phase === 'waiting' || item.phase === 'failed' ? fileReplaced(item, event) : item
    case 'paused':
      return paused(item)
    case 'resumed':
      return resumed(item)
    case 'cancelled':
      return isUnfinished(item) ? next(ended(item), { phase: 'cancelled' }) : item
    case 'deadlinePassed':
      return item.phase === 'processing' && !item.overdue ? next(item, { phase: 'processing', overdue: true }) : item
    case 'reprioritised':
      return item.priority === event.priority || Number.isNaN(event.priority) ? item : freeze({ ...item, priority: event.priority })
  }
}

/** The other half: a function of its own, so that a page whose uploads no server follows does not load it. Pure. */
export function hear(item: UploadItem, event: ServerEvent): UploadItem {
  if (item.mirrored) return item
  return event.type === 'heard' ? heard(item, event) : serverSaid(item, event)
}

/** Whether anything is still to be done, by us or by the server. */
export function isUnfinished(item: UploadItem): boolean {
  return item.phase !== 'completed' && item.phase !== 'failed' && item.phase !== 'cancelled'
}

/** Whether it is ours to go on with it: it has not ended, and the server does not have it. */
function isOurs(item: UploadItem): boolean {
  return isUnfinished(item) && item.phase !== 'processing'
}

/** The item, unless it is another tab's: to this tab's engine that one is not there. */
export function unlessMirrored(item: UploadItem | undefined): UploadItem | undefined {
  return item?.mirrored ? undefined : item
}

/** Bytes that are in storage, or on their way, for the current attempt: what a bar shows. */
export function sentBytes(item: UploadItem): number {
  if (item.phase === 'processing' || item.phase === 'completed') return item.size
  return 'sentBytes' in item ? (item.sentBytes ?? 0) : 0
}

type EventOf<T extends ItemEvent['type']> = Extract<ItemEvent, { readonly type: T }>
/** What an item may have, whatever its phase. */
const OPTIONAL_FIELDS = ['relativePath', 'operationId', 'server', 'jobId'] as const
/** An item without what belongs to its phase. */
type Base = Pick<
  UploadItem,
  | 'id'
  | 'name'
  | 'size'
  | 'type'
  | 'addedAt'
  | 'priority'
  | 'metadata'
  | 'attempt'
  | 'paused'
  | 'mirrored'
  | (typeof OPTIONAL_FIELDS)[number]
>
/** What belongs to a phase: each member of the union without the base. */
type PhaseOf<T> = T extends UploadItem ? OrUndefined<Omit<T, keyof Base>> : never
/** Fields that need not be there may be `undefined` as well. */
type OrUndefined<T> = { readonly [K in keyof T]: Record<never, never> extends Pick<T, K> ? T[K] | undefined : T[K] }

function freeze(item: UploadItem): UploadItem {
  return Object.freeze(item)
}

/** The base fields of an item, and the fields of its new phase: those of the old phase do not survive, and none is there without a value. */
function next(base: Base, phase: PhaseOf<UploadItem>): UploadItem {
  const { id, name, size, type, addedAt, priority, metadata, attempt, paused } = base
  // Not field by field by their names, which takes engines ten times as long.
  const item: Record<string, unknown> = { id, name, size, type, addedAt, priority, metadata, attempt, paused }
  for (const field of OPTIONAL_FIELDS) if (base[field] !== undefined) item[field] = base[field]
  for (const [field, value] of Object.entries(phase)) if (value !== undefined) item[field] = value
  return freeze(item as unknown as UploadItem)
}

/** Nothing is paused that has ended. */
function ended(item: UploadItem): UploadItem {
  return item.paused ? { ...item, paused: false } : item
}

function queued(item: UploadItem): UploadItem {
  return next(item, { phase: 'queued', ...carried(item) })
}

function carried(item: UploadItem): { sentBytes?: number } {
  const bytes = 'sentBytes' in item ? item.sentBytes : undefined
  return bytes === undefined ? {} : { sentBytes: bytes }
}

function planned(item: UploadItem, event: EventOf<'planned'>): UploadItem {
  const attempt = event.attempt ?? item.attempt
  const isNewOperation = event.operationId !== undefined && event.operationId !== item.operationId
  if (!isNewOperation) return next({ ...item, attempt }, { phase: 'ready', ...carried(item) })
  // Another operation means other bytes in storage and another order of words: what was known of the old one does not count.
  const { server: _, ...base } = item
  const fresh = { ...base, attempt, operationId: event.operationId } as Base
  return next(fresh, { phase: 'ready', ...(attempt === item.attempt ? carried(item) : {}) })
}

/** The word that the attempt before has failed came while the server was asked for the next one: its answer is the newer of the two. */
function isOverrun(item: UploadItem, { attempt = 0 }: EventOf<'planned'>): boolean {
  return item.phase === 'failed' && item.by === 'server' && attempt > item.attempt
}

function progressed(item: Extract<UploadItem, { phase: 'uploading' }>, event: EventOf<'progressed'>): UploadItem {
  // Rule 4: "shown progress never goes backwards within one attempt". A part that is sent again must not pull the bar back.
  // Whole bytes, so that running totals stay exact; and what is no number (a strategy of the user may err) moves nothing.
  const sent = event.sentBytes > item.sentBytes ? Math.min(item.size, Math.trunc(event.sentBytes)) : item.sentBytes
  const rate = event.bytesPerSecond !== undefined && event.bytesPerSecond > 0 ? event.bytesPerSecond : undefined
  if (sent === item.sentBytes && rate === item.bytesPerSecond) return item
  const secondsLeft = rate !== undefined && !event.swings ? (item.size - sent) / rate : undefined
  // Most of what ever happens, and it mostly has the fields that were there before: a copy is quicker than what is put together.
  if (rate !== undefined && secondsLeft !== undefined && item.secondsLeft !== undefined)
    return freeze({ ...item, sentBytes: sent, bytesPerSecond: rate, secondsLeft })
  return next(item, { phase: 'uploading', sentBytes: sent, bytesPerSecond: rate, secondsLeft })
}

function transferred(item: UploadItem, event: EventOf<'transferred'>): UploadItem {
  const base = ended(item)
  if (event.final) return next(base, { phase: 'completed', result: event.result })
  const { server, ...fresh } = base
  const processing = { phase: 'processing', overdue: false } as const
  if (event.operationId !== undefined && event.operationId !== item.operationId)
    return next({ ...fresh, operationId: event.operationId }, processing)
  // What a server without versions said of an earlier run could not be told from what it will say of this one.
  const isOver = server !== undefined && server.seen.version === undefined && isTerminal(server.status)
  return next(isOver ? fresh : base, processing)
}

function interrupted(item: UploadItem, event: EventOf<'interrupted'>): UploadItem {
  const { reason, error, retryAt } = event
  return next(item, { phase: 'waiting', reason, error, retryAt, ...carried(item) })
}

function isSameFile(item: UploadItem, { name, size, type }: FileFacts): boolean {
  return name === item.name && size === item.size && type === item.type
}

function fileReplaced(item: UploadItem, { file, isOther = false }: EventOf<'fileReplaced'>): UploadItem {
  if (!isOther && isSameFile(item, file)) return queued(ended(item))
  const { operationId: _operation, server: _server, ...rest } = item
  // Also where no operation is known: the answer that named it may have been lost, and the same attempt with other content is refused.
  const attempt = item.attempt + 1
  return next({ ...rest, ...file, ...pathOf(item, file.name), paused: false, attempt }, { phase: 'queued' })
}

/** A file of another name takes the place of the first one, in the same folder. */
function pathOf({ relativePath }: UploadItem, name: string): { relativePath?: string } {
  return relativePath === undefined ? {} : { relativePath: relativePath.slice(0, relativePath.lastIndexOf('/') + 1) + name }
}

function paused(item: UploadItem): UploadItem {
  if (item.paused || !isOurs(item)) return item
  const stopped = { ...item, paused: true }
  return item.phase === 'uploading' ? queued(stopped) : freeze(stopped)
}

function resumed(item: UploadItem): UploadItem {
  if (!item.paused) return item
  const base = { ...item, paused: false }
  // Whoever presses "resume" means now. What waits for the user's own help still does.
  const waitsForTime = item.phase === 'waiting' && (item.reason === 'backoff' || item.reason === 'offline')
  return waitsForTime ? queued(base) : freeze(base)
}

/**
 * Whether a word is about this item. Rule 5: "`client_ref` matches only while the item has no `operation_id` for the current attempt;
 * afterwards only `operation_id` counts". The word that closes an earlier attempt carries the item's id as well.
 */
export function isAbout(item: UploadItem, update: SyncStatusUpdate): boolean {
  if (item.operationId !== undefined) return update.operation_id === item.operationId
  return update.client_ref === item.id && (update.attempt ?? 1) === item.attempt
}

function serverSaid(item: UploadItem, event: EventOf<'serverSaid'>): UploadItem {
  const { update } = event
  if (!isAbout(item, update)) return item
  // The old operation of an item whose new attempt has begun: closed by the server for that reason, and no news of this item.
  // What goes on here has no newer attempt of this page's: another page has begun one.
  const isGoing = item.phase === 'ready' || item.phase === 'uploading' || item.phase === 'processing'
  if (update.error?.code === SUPERSEDED && !isGoing) return item
  if (isOwnTransfer(item, event)) return item
  if (judge(item.server?.seen, update, event.source, event) !== 'apply') return item

  const before = item.server
  const reopened = before !== undefined && isTerminal(before.status) && !isTerminal(update.status)
  const progress = event.phase === 'transfer' ? 0 : update.progress
  const server: ServerState = Object.freeze({
    operationId: update.operation_id,
    status: update.status,
    progress: reopened || before === undefined ? progress : Math.max(before.progress, progress),
    stage: update.stage,
    message: update.message,
    seen: remember(before?.seen, update, event),
  })
  const isCancelPending = item.phase === 'cancelled' && before?.status !== 'cancelled'
  const isTooLate = isCancelPending || (item.phase === 'completed' && item.cancelTooLate === true)
  return applyWord({ ...item, operationId: update.operation_id, server }, update, { reopened, isTooLate })
}

/**
 * A word on a channel on which others may write. Rule 7: "of their messages only id, version, non-terminal progress and stage are shown".
 * Nor is it remembered: a version that nobody gave would make the server's own words look old.
 */
function heard(item: UploadItem, event: EventOf<'heard'>): UploadItem {
  const { update } = event
  const before = item.server
  if (item.operationId !== update.operation_id || isTerminal(update.status) || (before !== undefined && isTerminal(before.status)))
    return item
  if (event.phase === 'transfer' || judge(before?.seen, update, 'live', event) !== 'apply') return item
  const { version: _, ...unversioned } = update
  const progress = Math.max(before?.progress ?? 0, update.progress)
  const stage = update.stage ?? before?.stage
  const isOverdue = item.phase === 'processing' && item.overdue
  if (before !== undefined && progress === before.progress && stage === before.stage && !isOverdue) return item
  const server: ServerState = {
    ...(before ?? {
      operationId: item.operationId,
      status: update.status,
      seen: remember(undefined, unversioned, { order: 'arrival', rank: event.rank }),
    }),
    progress,
    stage,
  }
  const after = { ...item, server: Object.freeze(server) }
  return isOverdue ? next(after, { phase: 'processing', overdue: false }) : freeze(after)
}

/** A word on bytes that are still ours to send: the page knows that better than anybody. An end counts nevertheless. */
function isOwnTransfer(item: UploadItem, { phase, update }: EventOf<'serverSaid'>): boolean {
  return phase === 'transfer' && !isTerminal(update.status) && isOurs(item)
}

/**
 * Who wins: our own bytes while they go, the server otherwise. A word that was taken is newer (protocol order), so a terminal one
 * ends any phase, and a newer one undoes an end: rule 3, "a server may revoke a completed item or reopen a failed one".
 */
function applyWord(
  item: UploadItem,
  update: SyncStatusUpdate,
  how: { readonly reopened: boolean; readonly isTooLate: boolean },
): UploadItem {
  switch (update.status) {
    case 'completed':
      return next(ended(item), {
        phase: 'completed',
        result: update.result,
        cancelTooLate: how.isTooLate || undefined,
      })
    case 'failed':
      // What the user cancelled stays cancelled, and an error of our own says more than the server's "the bytes never came".
      if (item.phase === 'cancelled' || (item.phase === 'failed' && item.by === 'self')) return freeze(item)
      return next(ended(item), { phase: 'failed', error: remoteError(update), by: 'server' })
    case 'cancelled':
      return next(ended(item), { phase: 'cancelled' })
    case 'pending':
    case 'in_progress':
      if (how.reopened && item.phase !== 'uploading' && item.phase !== 'waiting' && item.phase !== 'ready') {
        return next(ended(item), { phase: 'processing', overdue: false })
      }
      // Any word at all says that the server is alive.
      return item.phase === 'processing' && item.overdue ? next(item, { phase: 'processing', overdue: false }) : freeze(item)
  }
}

function remoteError(update: SyncStatusUpdate): UploadError {
  const { error } = update
  const message = error?.message || update.message
  return new UploadError('remote_error', message || 'The server could not process this file.', {
    retryable: error?.retryable ?? true,
    remoteCode: error?.code,
    translatable: !message,
  })
}
