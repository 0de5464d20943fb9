'use client'
import { type ConnectionStatus, NOT_CONNECTED } from '@upload-panel/core'
import { useContext } from 'react'
import { provided } from './provided.js'
import { StatusContext } from './status-context.js'
import { useAtom } from './use-atom.js'
import { UploaderContext } from './uploader-context.js'

/**
 * The realtime connection of the nearest `SyncStatusProvider`, else that of the nearest `UploaderProvider`.
 *
 * @throws Error where there is neither.
 */
export function useConnection(): ConnectionStatus {
  const monitor = useContext(StatusContext)
  const uploader = useContext(UploaderContext)
  const { $connection } = provided(monitor ?? uploader, 'connection', 'UploaderProvider', 'SyncStatusProvider')
  return useAtom($connection, NOT_CONNECTED)
}
