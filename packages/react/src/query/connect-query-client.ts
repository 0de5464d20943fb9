import type { QueryClient, QueryKey } from '@tanstack/react-query'
import { isTerminal, type SyncStatusUpdate } from '@upload-panel/core/protocol'
import type { StatusMonitor } from '@upload-panel/core/status'

export interface ConnectQueryClientOptions {
  /** Queries whose data an operation has changed once it has completed, or was revoked. @default none */
  readonly invalidates?: ((operation: SyncStatusUpdate) => readonly QueryKey[]) | undefined
  /** Where an operation is kept; `undefined` where it is not to be. @default {@link operationKey} of its id */
  readonly queryKey?: ((operation: SyncStatusUpdate) => QueryKey | undefined) | undefined
}

/** The key of an operation in the cache. */
export const operationKey = (id: string): QueryKey => ['upload-panel', 'operation', id]
/** The key of all operations in the cache. */
export const OPERATIONS_KEY: QueryKey = ['upload-panel', 'operations']

/**
 * Writes what the server says of its operations into a TanStack Query cache, once a frame: each under a key of its own, and all of them. What an
 * operation has changed is invalidated when it ends. Follows the monitor until the returned function is called.
 *
 * @example
 * const stop = connectQueryClient(queryClient, monitor, { invalidates: ({ job_id }) => [['documents'], ['job', job_id]] })
 */
export function connectQueryClient(
  queryClient: QueryClient,
  monitor: StatusMonitor,
  { invalidates = () => [], queryKey = ({ operation_id }) => operationKey(operation_id) }: ConnectQueryClientOptions = {},
): () => void {
  const changed = new Map<string, SyncStatusUpdate>()
  const ended: SyncStatusUpdate[] = []

  function write(): void {
    for (const operation of changed.values()) {
      const key = queryKey(operation)
      if (key !== undefined) queryClient.setQueryData(key, operation)
    }
    queryClient.setQueryData(OPERATIONS_KEY, monitor.$operations.get())
    // After all data: a query that is asked again at once may read it.
    for (const operation of ended) for (const key of invalidates(operation)) void queryClient.invalidateQueries({ queryKey: key })
    changed.clear()
    ended.length = 0
  }

  const stops = [
    monitor.onChange((operation, before) => {
      changed.set(operation.operation_id, operation)
      // What had ended before anybody listened was read by the queries of this page.
      if (hasChangedData(operation, before)) ended.push(operation)
    }),
    monitor.$operations.subscribe(write),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

/** Whether what the server holds is another than before: something was made, or taken back. */
function hasChangedData({ status }: SyncStatusUpdate, before: SyncStatusUpdate | undefined): boolean {
  if (before?.status === 'completed') return status !== 'completed'
  return status === 'completed' && before !== undefined && !isTerminal(before.status)
}
