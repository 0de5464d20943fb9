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
 * `here`: the page has it, or had it when the server knew it already. `dropped`: taken off the list before the server is known to have it.
 * `elsewhere`: only the server tells of it.
 */
type Place = 'here' | 'dropped' | 'elsewhere'

interface JobFile {
  place: Place
  /** `undefined`: it does not count. */
  status: OperationStatus | undefined
  /** An item says itself how it stands: it hears the server, and knows what the server does not. */
  isItem: boolean
  /** Taken off the list while it went on: it is being cancelled on the server. */
  isLeaving: boolean
  /** The latest that is known. */
  attempt: number
}

/** Most files that are counted; by default a server takes no more of one job. */
const MOST = 100_000
const NONE: Readonly<Record<OperationStatus, number>> = { pending: 0, in_progress: 0, completed: 0, failed: 0, cancelled: 0 }

/**
 * Counts each file once, by the client's name for it, however many attempts it takes and whoever tells of it. `onChange`: the server has said something
 * that makes a difference; what the uploader tells is shown with the next change of its queue.
 */
export function createJobTally(uploader: Uploader, onChange: () => void): JobTally {
  const files = new Map<string, JobFile>()
  /** Of items, by their operations: a server need not repeat the client's names. */
  const names = new Map<string, string>()
  const counts = { here: { ...NONE }, dropped: { ...NONE }, elsewhere: { ...NONE } }
  let isWhole = false

  const fileOf = (name: string): JobFile => {
    const file = files.get(name) ?? { place: 'elsewhere', status: undefined, isItem: false, isLeaving: false, attempt: 0 }
    files.set(name, file)
    return file
  }
  const put = (file: JobFile, place: Place, status: OperationStatus | undefined) => {
    if (file.status) counts[file.place][file.status] -= 1
    if (status) counts[place][status] += 1
    Object.assign(file, { place, status })
  }
  const forget = (name: string) => {
    const file = files.get(name)
    if (file) put(file, file.place, undefined)
    files.delete(name)
  }

  const take = (item: UploadItem) => {
    const { id, operationId, attempt, jobId } = item
    if (jobId !== undefined && jobId !== uploader.jobId) return forget(id)
    if (operationId !== undefined && operationId !== id) {
      names.set(operationId, id)
      // Where the server spoke of it, by its own name alone, before the page knew that name.
      forget(operationId)
    }
    const file = fileOf(id)
    Object.assign(file, { isItem: true, attempt })
    put(file, 'here', statusOf(item))
  }
  const leave = (item: UploadItem) => {
    const file = files.get(item.id)
    if (!file) return
    const status = statusOf(item)
    const isKept = status === 'completed' || status === 'failed'
    Object.assign(file, { isItem: false, isLeaving: !isKept })
    put(file, item.operationId === undefined ? 'dropped' : 'here', isKept ? status : 'cancelled')
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
      const others = isWhole ? counts.elsewhere : counts.dropped
      const count = (status: OperationStatus) => counts.here[status] + others[status]
      const job = summariseJob({
        pending: count('pending'),
        in_progress: count('in_progress'),
        completed: count('completed'),
        failed: count('failed'),
        cancelled: count('cancelled'),
      })
      return job.totalCount > 0 ? job : undefined
    },
    hear({ operation_id, client_ref, attempt = 1, status, error }) {
      const name = client_ref ?? names.get(operation_id) ?? operation_id
      if (files.size >= MOST && !files.has(name)) return
      const file = fileOf(name)
      if (file.isItem || attempt < file.attempt || (file.isLeaving && !isTerminal(status))) return
      const after = error?.code === SUPERSEDED ? undefined : status
      const hasChanged = after !== file.status || file.place === 'dropped'
      Object.assign(file, { isLeaving: false, attempt })
      put(file, file.place === 'dropped' ? 'here' : file.place, after)
      if (hasChanged && (isWhole || file.place === 'here')) onChange()
    },
    hearAll() {
      if (isWhole) return
      isWhole = true
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
