'use client'
import type { ConnectionStatus } from '@upload-panel/core'
import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import { IDLE_STATUS, type PerformanceMetrics, type SystemHealth } from '@upload-panel/core/status'
import { useMemo } from 'react'
import { NOTHING, useAtom } from './use-atom.js'
import { useStatusMonitor } from './use-status-monitor.js'

/** All that the server does for this person, whoever began it. */
export interface SyncStatus {
  readonly isConnected: boolean
  readonly connection: ConnectionStatus
  /** Operations that have not ended. */
  readonly activeOperationsCount: number
  /** Unfinished ones in the order in which they were heard of, then those that have ended, the latest first. */
  readonly operations: readonly SyncStatusUpdate[]
  readonly systemHealth: SystemHealth
  readonly metrics: PerformanceMetrics
  /** When the server last said something about an operation, ISO 8601 by its clock; `undefined` before that. */
  readonly lastUpdate: string | undefined
}

/**
 * The connection and every operation of the server. Follows it for as long as the component is mounted, and renders again at most once a frame.
 * Works on a page that uploads nothing, below a `SyncStatusProvider`.
 */
export function useSyncStatus(): SyncStatus {
  const monitor = useStatusMonitor()
  const connection = useAtom(monitor.$connection, IDLE_STATUS.connection)
  const operations = useAtom<readonly SyncStatusUpdate[]>(monitor.$operations, NOTHING)
  const systemHealth = useAtom(monitor.$health, IDLE_STATUS.health)
  const metrics = useAtom(monitor.$metrics, IDLE_STATUS.metrics)
  return useMemo(
    () => ({
      isConnected: connection.status === 'connected',
      connection,
      activeOperationsCount: metrics.activeOperations,
      operations,
      systemHealth,
      metrics,
      lastUpdate: latest(operations),
    }),
    [connection, operations, systemHealth, metrics],
  )
}

function latest(operations: readonly SyncStatusUpdate[]): string | undefined {
  let last: string | undefined
  for (const { timestamp } of operations) if (last === undefined || Date.parse(timestamp) > Date.parse(last)) last = timestamp
  return last
}
