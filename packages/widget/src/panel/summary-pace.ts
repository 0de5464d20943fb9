import type { UploadSummary } from '@upload-panel/core'
import { createTurns, type TurnsOptions } from '../shared/turns.js'

/** What a person does has an answer at once. */
const OF_A_PERSON = ['total', 'held', 'paused'] as const satisfies readonly (keyof UploadSummary)[]
/** What becomes of files. */
const STATES = [
  'queued',
  'active',
  'processing',
  'waiting',
  'completed',
  'failed',
  'cancelled',
] as const satisfies readonly (keyof UploadSummary)[]

/** A round of what is written in turns, in milliseconds: nobody reads figures sixty times a second, and the bar above them glides from one to the next. */
export const SUMMARY_PACE_MS = 100
/** Files that change their state are told so often in a round: the first ones at once, and not each of a hundred that end within a second. */
const STATES_A_ROUND = 2

/** Calls `render` for what changes in the whole queue, however often that is. */
export function paceSummary(render: () => void, nextRound: TurnsOptions['nextRound']): (summary: UploadSummary) => void {
  const bytes = createTurns({ perRound: 1, nextRound })
  const states = createTurns({ perRound: STATES_A_ROUND, nextRound })
  let shown: UploadSummary | undefined
  return (summary) => {
    const before = shown
    shown = summary
    const isSame = (key: keyof UploadSummary) => before?.[key] === summary[key]
    if (!OF_A_PERSON.every(isSame)) render()
    else if (STATES.every(isSame)) bytes.ask(render)
    else states.ask(render)
  }
}
