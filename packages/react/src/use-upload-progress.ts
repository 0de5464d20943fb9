'use client'
import type { RemoteError, SyncStatusUpdate } from '@upload-panel/core/protocol'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { $nothing, useAtom } from './use-atom.js'
import { useStatusMonitor } from './use-status-monitor.js'
import { useStable } from './use-stable.js'

export interface UseUploadProgressOptions {
  /** Called once for each end that happens while it is followed, with the server's last word. */
  readonly onComplete?: (operation: SyncStatusUpdate) => void
  readonly onError?: (operation: SyncStatusUpdate) => void
  readonly onCancel?: (operation: SyncStatusUpdate) => void
}

/** One operation of the server. */
export interface UploadProgressState {
  /** The operation that is followed; `undefined` before `startTracking`. */
  readonly operationId: string | undefined
  /** The server's last word; `undefined` as long as nothing is known, `null` where the server knows of no such operation. */
  readonly operation: SyncStatusUpdate | null | undefined
  /** Of the server's work, 0..100. */
  readonly progress: number
  /** It is followed and has not ended. */
  readonly isUploading: boolean
  readonly isCompleted: boolean
  readonly isCancelled: boolean
  /** It failed, or the server does not know it. */
  readonly isError: boolean
  readonly error: RemoteError | undefined
  /** Follows an operation, instead of the one before. */
  startTracking(operationId: string): void
  /** Asks the server to end it. Rejects with the server's reason where it does not. */
  cancel(): Promise<void>
}

const UNKNOWN: RemoteError = Object.freeze({
  code: 'unknown_operation',
  message: 'The server does not know this operation.',
  retryable: false,
})
const FAILED: RemoteError = Object.freeze({ code: 'failed', message: 'The operation failed.', retryable: true })

/**
 * Follows one operation of the server, such as an upload that another page began: the one that is given, or the one that `startTracking` names.
 *
 * @param operationId to follow from the first render
 */
export function useUploadProgress(operationId?: string, options: UseUploadProgressOptions = {}): UploadProgressState {
  const monitor = useStatusMonitor()
  const [tracked, setTracked] = useState({ given: operationId, id: operationId })
  // Another operation in the props takes the place of one that was named before.
  if (tracked.given !== operationId) setTracked({ given: operationId, id: operationId })
  const { id } = tracked
  const $operation = useMemo(() => (id === undefined ? $nothing : monitor.$operation(id)), [monitor, id])
  const operation = useAtom<SyncStatusUpdate | null | undefined>($operation, undefined)

  const startTracking = useCallback((next: string) => setTracked((before) => ({ ...before, id: next })), [])
  const cancel = useCallback(() => (id === undefined ? Promise.resolve() : monitor.cancel(id)), [monitor, id])
  useEnds(id, operation, options)

  return useMemo(() => {
    const status = operation?.status
    const error = operation === null ? UNKNOWN : status === 'failed' ? (operation?.error ?? FAILED) : undefined
    return {
      operationId: id,
      operation,
      progress: operation?.progress ?? 0,
      isUploading: id !== undefined && operation !== null && (status === undefined || status === 'pending' || status === 'in_progress'),
      isCompleted: status === 'completed',
      isCancelled: status === 'cancelled',
      isError: error !== undefined,
      error,
      startTracking,
      cancel,
    }
  }, [id, operation, startTracking, cancel])
}

/** Tells each end once: a newer word about the same end, such as its result, is none. */
function useEnds(
  id: string | undefined,
  operation: SyncStatusUpdate | null | undefined,
  { onComplete, onError, onCancel }: UseUploadProgressOptions,
): void {
  const tell = useStable((ended: SyncStatusUpdate) => {
    const handlers: Partial<Record<string, typeof onComplete>> = { completed: onComplete, failed: onError, cancelled: onCancel }
    handlers[ended.status]?.(ended)
  })
  const told = useRef<string>(undefined)
  const status = operation?.status
  useEffect(() => {
    const key = `${id} ${status}`
    if (operation == null || told.current === key) return
    told.current = key
    tell(operation)
  }, [id, operation, status, tell])
}
