'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useStatusMonitor } from '../use-status-monitor.js'
import { connectQueryClient, type ConnectQueryClientOptions, operationKey } from './connect-query-client.js'
import { useLatest } from '../use-latest.js'

/**
 * Keeps the TanStack Query cache of the nearest `QueryClientProvider` true to what the server says, while the component is mounted. Options may be
 * written inline.
 *
 * @example
 * useQuerySync({ invalidates: () => [['documents']] })
 */
export function useQuerySync(options: ConnectQueryClientOptions = {}): void {
  const queryClient = useQueryClient()
  const monitor = useStatusMonitor()
  const latest = useLatest(options)
  useEffect(
    () =>
      connectQueryClient(queryClient, monitor, {
        invalidates: (operation) => latest.current.invalidates?.(operation) ?? [],
        queryKey: (operation) => {
          const { queryKey } = latest.current
          return queryKey === undefined ? operationKey(operation.operation_id) : queryKey(operation)
        },
      }),
    [queryClient, monitor, latest],
  )
}
