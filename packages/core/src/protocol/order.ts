import { isTerminal, type OperationStatus, type SyncStatusUpdate } from './sync-status-update.js'
import { timeKey } from './time.js'

/**
 * What a receiver remembers of the last word it took for an operation: just enough to judge the next one.
 */
export interface Seen {
  /** Once an operation has shown a version, only versions count. */
  readonly version?: number
  readonly status: OperationStatus
  /** Of the last unversioned word: its time at full precision, in a form that compares as text; empty where it had none. */
  readonly time: string
  readonly progress: number
  /** Of the last unversioned word: what it said, so that a repetition is told from a correction. */
  readonly content: string
  /** Of the last word without a time: the place of its stage. */
  readonly rank?: number | undefined
}

/**
 * `apply`: newer, take it. `drop`: stale or a repetition, change nothing.
 * `ask`: it cannot be told from here; fetch a snapshot, and let that decide.
 */
export type Verdict = 'apply' | 'drop' | 'ask'

/** `live` came by the transport and may be late, twice or out of order; `snapshot` is the answer to our own question. */
export type WordSource = 'live' | 'snapshot'

/** Whether the sender's times can be used. `arrival`: the message had none (some dialects), the decoder filled one in. */
export type OrderedBy = 'timestamp' | 'arrival'

/** What a decoder knows of a word's order, besides the word. */
export interface Ordering {
  /** Nothing else is looked at where the word has a version. @default 'timestamp' */
  readonly order?: 'version' | OrderedBy | undefined
  /** Of a word without a time: the place of its stage among those that follow one another, lower first. */
  readonly rank?: number | undefined
}

/**
 * Protocol rule 1, in full: decides whether a word is newer than the last one that was taken.
 * Pure; uses no clock. Words of different operations are never compared.
 */
export function judge(seen: Seen | undefined, update: SyncStatusUpdate, source: WordSource = 'live', ordering: Ordering = {}): Verdict {
  if (seen === undefined) return 'apply'
  const wasTerminal = isTerminal(seen.status)
  const nowTerminal = isTerminal(update.status)

  if (update.version !== undefined) {
    // "Order is `version`. Not above the last one seen for that operation: dropped." Rule 3: a newer version wins even over a terminal state.
    if (seen.version !== undefined) {
      if (update.version > seen.version) return 'apply'
      // Somebody changed the server's row by hand: only our own question can tell.
      const isCorrected = update.version === seen.version && update.status !== seen.status && source === 'snapshot'
      return isCorrected ? 'apply' : 'drop'
    }
    // The first versioned word after unversioned ones. It may be older than the terminal word that we hold,
    // and nothing here can tell: only the server can.
    if (wasTerminal && update.status !== seen.status && source === 'live') return 'ask'
    return 'apply'
  }

  // "Once an operation has shown a version, an unversioned message is only a hint that asks for a snapshot."
  // A snapshot without versions cannot ask for another one; it may still end what we believe to be going on.
  if (seen.version !== undefined) return source === 'live' ? 'ask' : nowTerminal && !wasTerminal ? 'apply' : 'drop'

  // Neither has a version: terminal beats non-terminal whatever the times say (writers' clocks are skewed).
  if (wasTerminal && !nowTerminal) return 'drop'
  if (nowTerminal && !wasTerminal) return 'apply'
  const content = contentOf(update)
  if (content === seen.content) return 'drop'
  // "Between two terminal words the snapshot decides."
  if (wasTerminal) return source === 'snapshot' ? 'apply' : 'ask'

  const time = timeOf(update, ordering)
  if (time !== '' && seen.time !== '') return time >= seen.time ? 'apply' : 'drop'
  // "A message without a time is ordered by terminal, then stage rank, then progress, then arrival."
  const { rank } = ordering
  if (rank !== undefined && seen.rank !== undefined && rank !== seen.rank) return rank > seen.rank ? 'apply' : 'drop'
  if (update.status !== seen.status) return update.status === 'in_progress' ? 'apply' : 'drop'
  return update.progress >= seen.progress ? 'apply' : 'drop'
}

/** What to remember after a word was taken. A version, once shown, stays known even if an unversioned snapshot was taken since. */
export function remember(seen: Seen | undefined, update: SyncStatusUpdate, ordering: Ordering = {}): Seen {
  const version = update.version ?? seen?.version
  const { status, progress } = update
  // With versions neither time nor content decides anything: a thousand items need not keep them.
  if (version !== undefined) return { version, status, progress, time: '', content: '' }
  return { status, progress, time: timeOf(update, ordering), content: contentOf(update), rank: ordering.rank }
}

function timeOf(update: SyncStatusUpdate, { order }: Ordering): string {
  return order === 'arrival' ? '' : (timeKey(update.timestamp) ?? '')
}

/** What a word says, apart from when it was said. */
function contentOf(update: SyncStatusUpdate): string {
  const { status, progress, message, stage, result, error } = update
  return JSON.stringify([status, progress, message, stage, result, error])
}
