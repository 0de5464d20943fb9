import { repeat } from './clock.js'
import type { Core } from './create-core.js'
import type { ResolvedOptions } from './options.js'
import { createFileChecks } from './security/file-checks.js'
import { createCaretaker } from './uploads/caretaker.js'
import { createCluster } from './uploads/cluster.js'
import { createProcessing } from './uploads/processing.js'
import { createUploads, type Uploads } from './uploads/uploads.js'

/** Uploads, the hook that processes them, and whoever looks after those that no request comes for. */
export interface UploadWork {
  readonly uploads: Uploads
  /** Begins nothing new. */
  stop(): void
  /** Waits for what is under way, and leaves the rest to the next start, or to other processes. Called once storage is closed. */
  close(): Promise<void>
}

/** How often the processes of a cluster look for work that one of them has left, milliseconds. */
const ADOPT_MS = 10_000
/** How often it is looked for bytes that are overdue, milliseconds, unless uploads expire sooner. */
const SWEEP_MS = 10 * 60_000

/** Takes up what an earlier run left. */
export async function createUploadWork(options: ResolvedOptions, { operations, tail, holder }: Core): Promise<UploadWork> {
  const { records, storage, limits, clock, logger, createId, process: hook } = options
  const cluster =
    records.isShared() && storage.isShared === true ? createCluster({ leases: records.leases, clock, logger, nodeId: holder }) : undefined
  await cluster?.join()
  const processing =
    hook === undefined
      ? undefined
      : createProcessing({ hook, records, operations, storage, nodeId: cluster?.nodeId, limits, clock, logger })
  const checks = createFileChecks(options.accept)
  const uploads = createUploads({ records, operations, storage, processing, checks, cluster, limits, clock, logger, createId })
  tail.listen(uploads.endedElsewhere.hear)
  const caretaker = createCaretaker({ records, storage, abandoned: uploads.abandoned, clock, logger })
  await caretaker.load()
  void caretaker.recover()
  const stopSweeping = repeat(clock, Math.min(limits.uploadExpiresMs / 4, SWEEP_MS), caretaker.sweep)
  // A process of a cluster may end at any time, and what it worked on should not wait for the next sweep.
  const stopAdopting = cluster === undefined ? () => {} : repeat(clock, ADOPT_MS, caretaker.adopt)
  let stopped = Promise.resolve()

  return {
    uploads,
    stop() {
      stopSweeping()
      stopAdopting()
      stopped = caretaker.stop()
    },
    async close() {
      await processing?.close()
      await stopped
      await uploads.endedElsewhere.settled()
      await cluster?.leave()
    },
  }
}
