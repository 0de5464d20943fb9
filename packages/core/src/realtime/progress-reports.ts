import type { Environment } from '../environment.js'
import { MAX_SNAPSHOT_PAGE, type ProgressReport } from '../protocol/index.js'
import type { UploadStore } from '../store/upload-store.js'

/** How often the server is told how far the bytes are, in milliseconds; and the longest wait while it does not listen. */
const REPORT_MS = { usual: 5000, longest: 60_000 }

export interface ProgressReportsOptions {
  readonly environment: Pick<Environment, 'clock'>
  readonly store: Pick<UploadStore, 'get' | 'onCommit'>
  send(report: ProgressReport, signal: AbortSignal): Promise<unknown>
}

/**
 * Tells the server how far the bytes are, for other pages and people: best effort, in one call for all, so seldom that a small file is
 * stored before it is its turn. No upload waits for a report, and none that is lost is sent again. The returned function ends it.
 */
export function reportProgress({ environment, store, send }: ProgressReportsOptions): () => void {
  const { clock } = environment
  const lifetime = new AbortController()
  const moved = new Set<string>()
  let waitMs = REPORT_MS.usual
  let cancelTimer: (() => void) | undefined
  let isSending = false

  store.onCommit(({ id, after, event }) => {
    if (event?.type !== 'progressed') return
    if (after === undefined || lifetime.signal.aborted) return
    moved.add(id)
    schedule()
  })

  function schedule(): void {
    if (isSending || moved.size === 0 || lifetime.signal.aborted) return
    cancelTimer ??= clock.setTimeout(() => void report(), waitMs)
  }

  async function report(): Promise<void> {
    cancelTimer = undefined
    const uploads: { operation_id: string; sent_bytes: number }[] = []
    for (const id of moved) {
      if (uploads.length === MAX_SNAPSHOT_PAGE) break
      moved.delete(id)
      const item = store.get(id)
      if (item?.phase !== 'uploading' || item.operationId === undefined) continue
      uploads.push({ operation_id: item.operationId, sent_bytes: item.sentBytes })
    }
    if (uploads.length > 0) {
      isSending = true
      try {
        await send({ uploads }, lifetime.signal)
        waitMs = REPORT_MS.usual
      } catch {
        waitMs = Math.min(REPORT_MS.longest, waitMs * 2)
      }
      isSending = false
    }
    schedule()
  }

  return () => {
    lifetime.abort()
    cancelTimer?.()
  }
}
