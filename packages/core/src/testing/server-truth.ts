import type { SnapshotAnswer, SnapshotRequest, SyncStatusUpdate } from '../protocol/index.js'

/** What a server knows of its operations, with the snapshot that it would answer. */
export interface ServerTruth {
  /** The last word on an operation. */
  get(operationId: string): SyncStatusUpdate | undefined
  /** Keeps a word as the last one. */
  take(update: SyncStatusUpdate): SyncStatusUpdate
  snapshot(request: SnapshotRequest): SnapshotAnswer
}

export function createServerTruth(): ServerTruth {
  const words = new Map<string, { readonly update: SyncStatusUpdate; readonly place: number }>()
  let places = 0
  return {
    get: (operationId) => words.get(operationId)?.update,
    take(update) {
      places += 1
      words.set(update.operation_id, { update, place: places })
      return update
    },
    snapshot(request) {
      const after = Number(request.cursor ?? 0)
      const isWanted = ({ operation_id, job_id }: SyncStatusUpdate) =>
        'ids' in request ? request.ids.includes(operation_id) : !('job_id' in request) || job_id === request.job_id
      const operations = [...words.values()]
        .filter(({ update, place }) => place > after && isWanted(update))
        .sort((a, b) => a.place - b.place)
        .map(({ update }) => update)
      return { operations, cursor: String(places), more: false }
    },
  }
}
