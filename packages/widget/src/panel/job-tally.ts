import type { UploadItem, Uploader } from '@upload-panel/core'
import {
  isTerminal,
  type JobSummary,
  type OperationStatus,
  summariseJob,
  SUPERSEDED,
  type SyncStatusUpdate,
} from '@upload-panel/core/protocol'

/** How the uploader's own job stands: each file of it, whoever added it, as far as it is known here. */
export interface JobTally {
  /** `undefined` as long as nothing is known of it. */
  read(): JobSummary | undefined
  /** The server's newer word on an operation of the job. */
  hear(update: SyncStatusUpdate): void
  /** The server has told all that it has of the job. Before, only what this page added is counted: a part of the others would be no figure at all. */
  hearAll(): void
  dispose(): void
}

/**
 * `item`: it is on the list, and says itself how it stands: it hears the server, and knows what the server does not. `elsewhere`: only the server tells of it.
 * Off the list: `left`, when it had ended; `leaving`, since it is being cancelled on the server; `dropped`, before the server was known to have it.
 */
type Place = 'item' | 'elsewhere' | 'left' | 'leaving' | 'dropped'

interface JobFile {
  readonly place: Place
  /** `undefined`: it does not count. */
  readonly status: OperationStatus | undefined
  /** The latest that is known. */
  readonly attempt: number
}

/** Most files that are counted; by default a server takes no more of one job. */
const MOST = 100_000

/**
 * Counts each file once, by the client's name for it, however many attempts it takes and whoever tells of it. `onChange`: the server has said something
 * that makes a difference; what the uploader tells is shown with the next change of its queue.
 */
export function createJobTally(uploader: Uploader, onChange: () => void): JobTally {
  const files = new Map<string, JobFile>()
  /** Of items, by their operations: a server need not repeat the client's names. */
  const names = new Map<string, string>()
  const counts = { pending: 0, in_progress: 0, completed: 0, failed: 0, cancelled: 0 }
  let isWhole = false

  const count = ({ place, status }: JobFile, sign: 1 | -1) => {
    const isCounted = place === 'elsewhere' ? isWhole : place !== 'dropped' || !isWhole
    if (status && isCounted) counts[status] += sign
  }
  const put = (name: string, file: JobFile | undefined) => {
    const before = files.get(name)
    if (before) count(before, -1)
    if (file) {
      count(file, 1)
      files.set(name, file)
    } else files.delete(name)
  }
  const figures = () => Object.values(counts).join()
  /** A newer attempt than an item's is another page's, and all that counts of the file. */
  const isOld = (name: string, attempt: number) => attempt < (files.get(name)?.attempt ?? 0)

  const take = (item: UploadItem) => {
    const { id, operationId, attempt, jobId } = item
    const isOfJob = jobId === undefined || jobId === uploader.jobId
    if (!isOld(id, attempt)) put(id, isOfJob ? { place: 'item', status: statusOf(item), attempt } : undefined)
    if (operationId === undefined || operationId === id) return
    names.set(operationId, id)
    // Where the server spoke of it, by its own name alone, before the page knew that name.
    put(operationId, undefined)
  }
  const leave = (item: UploadItem) => {
    const { id, operationId, attempt } = item
    if (!files.has(id) || isOld(id, attempt)) return
    const status = statusOf(item)
    const hasEnded = status === 'completed' || status === 'failed'
    const place = operationId === undefined ? 'dropped' : hasEnded ? 'left' : 'leaving'
    put(id, { place, status: hasEnded ? status : 'cancelled', attempt })
  }
  const stops: readonly (() => void)[] = [
    uploader.on('added', (items) => items.forEach(take)),
    uploader.on('changed', (item, before) => {
      // Not with each tick.
      if (item.phase !== before.phase || item.jobId !== before.jobId) take(item)
    }),
    uploader.on('removed', (items) => items.forEach(leave)),
  ]
  uploader.items().forEach(take)

  return {
    read() {
      const job = summariseJob(counts)
      return job.totalCount > 0 ? job : undefined
    },
    hear({ operation_id, client_ref, attempt = 1, status, error }) {
      const name = client_ref ?? names.get(operation_id) ?? operation_id
      const file = files.get(name)
      const { place } = file ?? { place: 'elsewhere' }
      const isCancelling = place === 'leaving' || place === 'dropped'
      const isKnownHere = place === 'item' || (isCancelling && !isTerminal(status))
      if (isOld(name, attempt) || (isKnownHere && attempt === file?.attempt) || (files.size >= MOST && !file)) return
      const before = figures()
      put(name, { place: place === 'elsewhere' ? place : 'left', status: error?.code === SUPERSEDED ? undefined : status, attempt })
      if (figures() !== before) onChange()
    },
    hearAll() {
      if (isWhole) return
      for (const file of files.values()) count(file, -1)
      isWhole = true
      for (const file of files.values()) count(file, 1)
      onChange()
    },
    dispose() {
      for (const stop of stops) stop()
    },
  }
}

function statusOf({ phase }: UploadItem): OperationStatus {
  switch (phase) {
    case 'queued':
    case 'preparing':
    case 'ready':
      return 'pending'
    case 'uploading':
    case 'waiting':
    case 'processing':
      return 'in_progress'
    default:
      return phase
  }
}
