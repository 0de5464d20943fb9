'use client'
import { type ConnectionStatus, NOT_CONNECTED, type UploadError } from '@upload-panel/core'
import type { OptimisticCollection } from '@upload-panel/core/optimistic'
import { followRows, type FollowRowsOptions, type RowFilter, type RowsClient } from '@upload-panel/core/supabase-rows'
import { useContext, useEffect, useMemo } from 'react'
import { provided } from './provided.js'
import { RealtimeContext } from './realtime-provider.js'
import { NOTHING, useAtom } from './use-atom.js'
import { useStable } from './use-stable.js'

export interface UseRealtimeOptions<T extends object> extends Omit<FollowRowsOptions<T>, 'client' | 'table' | 'filter'> {
  /** A client of supabase-js 2. @default that of the nearest `RealtimeProvider` */
  readonly client?: RowsClient
}

/** Rows of a table as they are now. */
export interface RealtimeRows<T extends object> {
  /** As last known: rows stay while the connection is away. */
  readonly data: readonly T[]
  /** Whether all rows have been here once. */
  readonly isLoaded: boolean
  /** Why `data` may be old; `undefined` while it is not. */
  readonly error: UploadError | undefined
  readonly connectionStatus: ConnectionStatus
  /** Tries to connect at once, and asks for all rows again. */
  refresh(): void
  /** Takes optimistic changes, which `data` shows at once. */
  readonly collection: OptimisticCollection<T>
}

/**
 * The rows of a table of a Supabase project, followed while the component is mounted and true again after each gap. `filter` may be written inline.
 *
 * @throws Error where there is neither a `client` nor a `RealtimeProvider` above.
 * @example
 * const { data, error, connectionStatus } = useRealtimeWithResilience<Job>('upload_jobs', { owner: user.id })
 */
export function useRealtimeWithResilience<T extends object>(
  table: string,
  filter?: RowFilter,
  options: UseRealtimeOptions<T> = {},
): RealtimeRows<T> {
  const nearest = useContext(RealtimeContext)
  const { schema, environment } = options
  const client = provided(options.client ?? nearest, 'client', 'RealtimeProvider')
  const load = useStable(options.load)
  const key = useStable(options.key)
  const version = useStable(options.version)
  const conditions = JSON.stringify(filter ?? {})
  const followed = useMemo(
    () => followRows<T>({ client, table, filter: JSON.parse(conditions) as RowFilter, schema, environment, load, key, version }),
    [client, table, conditions, schema, environment, load, key, version],
  )
  useEffect(() => followed.start(), [followed])

  const rows = useAtom(followed.collection.$rows, NOTHING)
  const error = useAtom<UploadError | undefined>(followed.$error, undefined)
  const isLoaded = useAtom(followed.$isLoaded, false)
  const connectionStatus = useAtom(followed.$connection, NOT_CONNECTED)
  const data = useMemo(() => rows.map(({ value }) => value), [rows])
  return useMemo(
    () => ({ data, isLoaded, error, connectionStatus, refresh: followed.refresh, collection: followed.collection }),
    [data, isLoaded, error, connectionStatus, followed],
  )
}
