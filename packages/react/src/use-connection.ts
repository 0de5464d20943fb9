'use client'
import { type ConnectionStatus, NOT_CONNECTED } from '@upload-panel/core'
import { useContext } from 'react'
import { missingProvider } from './missing-provider.js'
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
  const source = monitor ?? uploader
  if (source === undefined) throw missingProvider('connection', 'UploaderProvider', 'SyncStatusProvider')
  return useAtom(source.$connection, NOT_CONNECTED)
}
