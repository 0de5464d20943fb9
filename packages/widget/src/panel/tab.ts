import type { UploadPhase, UploadSummary } from '@upload-panel/core'
import { transferring } from './summary-view.js'

export const TABS = ['all', 'active', 'completed', 'failed'] as const
export type Tab = (typeof TABS)[number]

/** Whatever was written into an attribute or kept by a browser. */
export function isTab(value: unknown): value is Tab {
  return TABS.some((tab) => tab === value)
}

/**
 * Whether a file of this phase is shown under a tab. Active is what has not ended, be it that it is paused or waits for its person.
 * What was cancelled is neither done nor a failure to look into: it is under All, and nowhere else.
 */
export function isInTab(tab: Tab, phase: UploadPhase): boolean {
  if (tab === 'all') return true
  if (tab === 'active') return phase !== 'completed' && phase !== 'failed' && phase !== 'cancelled'
  return phase === tab
}

/** How many files are under a tab. */
export function countIn(tab: Tab, summary: UploadSummary): number {
  if (tab === 'all') return summary.total
  if (tab === 'active') return transferring(summary) + summary.processing
  return summary[tab]
}
