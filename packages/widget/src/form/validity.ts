import type { UploadSummary } from '@upload-panel/core'
import type { Messages } from '../messages/messages.js'
import { isReady } from '../panel/summary-view.js'

/** Why a form cannot be sent: what kind of reason, for the browser, and a sentence, for the person. */
export interface Problem {
  readonly flag: 'customError' | 'badInput' | 'valueMissing'
  readonly text: string
}

export interface Circumstances {
  readonly summary: UploadSummary
  readonly confirmedCount: number
  readonly isRequired: boolean
  /** The page's own objection, or ''. */
  readonly custom: string
}

/** The first thing that is in the way, or `undefined`. What only takes time comes before what takes a decision, for the decision may change meanwhile. */
export function problemOf({ summary, confirmedCount, isRequired, custom }: Circumstances, { form }: Messages): Problem | undefined {
  if (custom !== '') return { flag: 'customError', text: custom }
  const open = unfinished(summary)
  // Nothing comes by waiting for what stands still.
  if (open > 0)
    return { flag: 'badInput', text: isReady(summary) ? form.ready : summary.held || summary.paused === open ? form.held : form.unfinished }
  if (summary.failed > 0) return { flag: 'badInput', text: form.failed(summary.failed) }
  if (isRequired && confirmedCount === 0) return { flag: 'valueMissing', text: form.missing }
  return undefined
}

export function unfinished({ total, completed, failed, cancelled }: UploadSummary): number {
  return total - completed - failed - cancelled
}
