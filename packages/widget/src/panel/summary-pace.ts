import type { UploadSummary } from '@upload-panel/core'
import { createTurns, type TurnsOptions } from '../shared/turns.js'

/** Figures of bytes that nobody reads sixty times a second. */
const MOVING: ReadonlySet<string> = new Set<keyof UploadSummary>(['sentBytes', 'fraction', 'bytesPerSecond', 'secondsLeft'])

/** How often they are written, in milliseconds: the bar above them glides from one to the next. */
export const SUMMARY_PACE_MS = 100

/** Calls `render` for each change of the whole queue: at once where a file has changed its state, and so often where only bytes were sent. */
export function paceSummary(render: () => void, nextRound: TurnsOptions['nextRound']): (summary: UploadSummary) => void {
  const turns = createTurns({ perRound: 1, nextRound })
  let shown: UploadSummary | undefined
  return (summary) => {
    const isTick = shown !== undefined && differsOnlyIn(MOVING, shown, summary)
    shown = summary
    if (isTick) turns.ask(render)
    else render()
  }
}

function differsOnlyIn(moving: ReadonlySet<string>, before: UploadSummary, after: UploadSummary): boolean {
  const values = new Map<string, unknown>(Object.entries(before))
  return Object.entries(after).every(([key, value]) => moving.has(key) || values.get(key) === value)
}
