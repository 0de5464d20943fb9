import type { Environment } from './environment.js'
import type { UploadItem } from './item/item.js'
import { isUnfinished, unlessMirrored } from './item/machine.js'
import type { UploadStore } from './store/upload-store.js'

export interface PageGuardsOptions {
  readonly environment: Pick<Environment, 'guardLeaving' | 'keepAwake'>
  /** Without items as yet. */
  readonly store: Pick<UploadStore, '$summary' | 'onCommit'>
  /** Ask before the page is left. */
  readonly beforeUnload: boolean
  /** Keep the screen on. */
  readonly wakeLock: boolean
}

/** Guards the page while there are bytes to send, and only then: a page that asks for no reason is a nuisance. The returned function ends it. */
export function guardPage({ environment, store, beforeUnload, wakeLock }: PageGuardsOptions): () => void {
  if (!beforeUnload && !wakeLock) return () => {}
  const leaving = toggle(beforeUnload, environment.guardLeaving)
  const sleeping = toggle(wakeLock, environment.keepAwake)
  let needPage = 0
  let isOver = false
  store.onCommit(({ before, after }) => {
    needPage += needsPage(after) - needsPage(before)
    leaving(!isOver && needPage > 0)
  })
  const unlisten = store.$summary.subscribe(({ held, queued, active }) => {
    // Also for another tab, which nobody looks at, and which cannot keep the screen on.
    sleeping(active > 0 || (queued > 0 && !held))
  })
  return () => {
    isOver = true
    unlisten()
    leaving(false)
    sleeping(false)
  }
}

/** 1 or 0. What the server works on goes on without the page, and what is another tab's without this one. */
function needsPage(item: UploadItem | undefined): number {
  const own = unlessMirrored(item)
  return Number(own !== undefined && isUnfinished(own) && own.phase !== 'processing')
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
