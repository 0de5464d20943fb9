import type { Clock } from '../clock.js'
import { toUploadError, UploadError } from '../errors.js'
import { inTime } from '../http/policy/in-time.js'
import type { ConnectionStatus } from './transport.js'

/** How long a snapshot may take, in milliseconds: what asks it may be the page's own function, and never answer. */
const SNAPSHOT_MS = 60_000
/** A page that wakes asks anew what has no answer after so long, in milliseconds: the connection may be one of a network that is gone. */
const LATE_MS = 2000

/** Asks a server how things stand, one question at a time; and knows by its answers how it can be reached. */
export interface Snapshots {
  /** Answers `nothing` where the server does not know, or no longer, what it is asked about. */
  ask<Answer>(question: (ends: AbortSignal) => Promise<Answer>, nothing: Answer): Promise<Answer>
  /** Whether a question is on its way. */
  isAsking(): boolean
  /** Ends the question that is on its way, if it is on it for long. */
  giveUpLate(): void
  /** The connection as it is shown: that of the transport, or what answers tell where there is none. `hasFailed`: the last questions were in vain. */
  connection(status: ConnectionStatus, isPolled: boolean, hasFailed: boolean): ConnectionStatus
}

export function createSnapshots(clock: Clock, signal: AbortSignal): Snapshots {
  let current: AbortController | undefined
  let askedAt = 0
  let polled: Partial<ConnectionStatus> = {}

  return {
    async ask(question, nothing) {
      askedAt = clock.now()
      current = new AbortController()
      try {
        const answer = await inTime(clock, SNAPSHOT_MS, AbortSignal.any([signal, current.signal]), question)
        const now = clock.now()
        polled = { status: 'connected', lastPing: new Date(now).toISOString(), latency: Math.max(0, now - askedAt) }
        return answer
      } catch (error) {
        signal.throwIfAborted()
        if (toUploadError(error).status === 404) return nothing
        throw error
      } finally {
        current = undefined
      }
    },
    isAsking: () => current !== undefined,
    giveUpLate() {
      if (clock.now() - askedAt < LATE_MS) return
      current?.abort(new UploadError('network', 'The server did not answer before the page slept.'))
    },
    connection: (status, isPolled, hasFailed) => ({
      ...status,
      ...(status.transport === 'polling' ? { ...polled, ...(hasFailed && { status: 'error', latency: null }) } : { polling: isPolled }),
    }),
  }
}
