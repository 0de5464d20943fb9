'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useStatusMonitor } from '../use-status-monitor.js'
import { connectQueryClient, type ConnectQueryClientOptions } from './connect-query-client.js'
import { useStable } from '../use-stable.js'

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
  const invalidates = useStable(options.invalidates)
  const queryKey = useStable(options.queryKey)
  useEffect(() => connectQueryClient(queryClient, monitor, { invalidates, queryKey }), [queryClient, monitor, invalidates, queryKey])
}
