import { browserEnvironment, type Environment } from '../environment.js'
import type { UploadError } from '../errors.js'
import type { SyncStatusUpdate } from '../protocol/index.js'
import { polling } from '../realtime/polling.js'
import type { RealtimeFactory } from '../realtime/transport.js'
import { createOperations } from './operations.js'
import { createServerClock } from './server-clock.js'
import type { StatusBackendFactory } from './status-backend.js'
import { connectStatus, type StatusSession } from './status-session.js'
import { newSubscription } from './subscription.js'

/** What `followJob` takes. */
export interface FollowJobOptions {
  /** The uploader's `jobId`, or that of another page. */
  readonly jobId: string
  /** Who is asked how the job's operations stand: any upload backend, or `statusRoutes(…)`. */
  readonly backend: StatusBackendFactory
  /** `sse(…)` and its like; one of a `pageConnection(…)` is no connection more. @default `polling()` */
  readonly realtime?: RealtimeFactory
  /** A newer word on an operation that names the job, whoever began it. */
  onWord(update: SyncStatusUpdate): void
  /** The server has told all that it has of the job; again after each time that it was asked. */
  onWhole(): void
  /** @default the browser's */
  readonly environment?: Partial<Environment>
}

/** Operations of which the last word is kept, to tell newer ones from late ones. */
const KEEP = 5000

/**
 * Each word on each operation of one job, for a page that counts or lists them itself; `createStatusMonitor` counts them alone. Keeps the recovery rule,
 * and polls where realtime is not healthy. Where the server refuses it is silent until the page wakes up. The returned function ends it.
 */
export function followJob({ jobId, backend, realtime = polling(), onWord, onWhole, ...world }: FollowJobOptions): () => void {
  const environment: Environment = { ...browserEnvironment(), ...world.environment }
  const { clock } = environment
  const server = backend({ environment, strategies: [] })
  const operations = createOperations({
    keep: KEEP,
    canAsk: true,
    onChange({ after: { update } }) {
      // What names no job is given to all who follow anything.
      if (update.job_id === jobId) onWord(update)
    },
  })
  let session: StatusSession | undefined

  function begin(): void {
    if (session !== undefined) return
    session = connectStatus({
      environment,
      transport: realtime({ environment }),
      backend: server,
      serverClock: createServerClock(clock),
      operations,
      onPage(_job, _page, isLast) {
        if (isLast) onWhole()
      },
      onChange() {
        if (isRefused(session?.error())) end()
      },
      debug() {},
    })
    session.follow([newSubscription(clock, { kind: 'job', id: jobId })])
  }

  function end(): void {
    session?.dispose()
    session = undefined
  }

  // Who was refused may have signed in meanwhile.
  const forgetWake = environment.onWake(begin)
  begin()
  return () => {
    forgetWake()
    end()
  }
}

const isRefused = (error: UploadError | undefined) => error?.code === 'auth' || error?.code === 'rejected'
