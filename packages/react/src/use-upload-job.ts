'use client'
import type { JobSummary } from '@upload-panel/core/protocol'
import { useMemo } from 'react'
import { useAtom } from './use-atom.js'
import { useStatusMonitor } from './use-status-monitor.js'

/** A batch of uploads as the server counts it, followed while the component is mounted; `undefined` as long as nothing is known of it. */
export function useUploadJob(id: string): JobSummary | undefined {
  const monitor = useStatusMonitor()
  const $job = useMemo(() => monitor.$job(id), [monitor, id])
  return useAtom<JobSummary | undefined>($job, undefined)
}
