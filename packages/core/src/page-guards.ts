import type { ReadableAtom } from 'nanostores'
import type { Environment } from './environment.js'
import type { UploadSummary } from './store/summary.js'

export interface PageGuardsOptions {
  readonly environment: Pick<Environment, 'guardLeaving' | 'keepAwake'>
  readonly $summary: ReadableAtom<UploadSummary>
  /** Ask before the page is left. */
  readonly beforeUnload: boolean
  /** Keep the screen on. */
  readonly wakeLock: boolean
}

/** Guards the page while there are bytes to send, and only then: a page that asks for no reason is a nuisance. The returned function ends it. */
export function guardPage({ environment, $summary, beforeUnload, wakeLock }: PageGuardsOptions): () => void {
  const leaving = toggle(beforeUnload, environment.guardLeaving)
  const sleeping = toggle(wakeLock, environment.keepAwake)
  if (!beforeUnload && !wakeLock) return () => {}
  const unlisten = $summary.subscribe(({ held, queued, active, waiting, paused }) => {
    // What the server works on goes on without the page.
    leaving(queued + active + waiting + paused > 0)
    sleeping(active > 0 || (queued > 0 && !held))
  })
  return () => {
    unlisten()
    leaving(false)
    sleeping(false)
  }
}

function toggle(isWanted: boolean, begin: () => () => void): (on: boolean) => void {
  let end: (() => void) | undefined
  return (on) => {
    if (!isWanted || on === (end !== undefined)) return
    if (on) end = begin()
    else {
      end?.()
      end = undefined
    }
  }
}
