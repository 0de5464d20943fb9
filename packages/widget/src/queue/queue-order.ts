import type { Uploader } from '@upload-panel/core'
import type { IdList } from '../shared/id-list.js'
import type { Readable } from '../shared/store-controller.js'
import { createLineUp, type LineUp } from './line-up.js'

/** The order of an uploader's queue as a store: tells that it is another one at most once a frame, and at once after files came or went. */
export interface QueueOrder extends Readable<IdList>, Omit<LineUp, 'reset' | 'change'> {
  /** Another number after files came, left or were moved; the same one while files only begin and end. */
  readonly edition: number
  /** Looks anew: files were moved just now. */
  refresh(): void
  dispose(): void
}

export interface QueueOrderOptions {
  readonly uploader: Uploader
  /** Calls back before the next paint; the returned function cancels. */
  nextFrame(callback: () => void): () => void
}

export function createQueueOrder({ uploader, nextFrame }: QueueOrderOptions): QueueOrder {
  const lineUp = createLineUp()
  const listeners = new Set<(ids: IdList) => void>()
  let edition = 0
  let cancelFrame: (() => void) | undefined

  function tell(): void {
    cancelFrame?.()
    cancelFrame = undefined
    for (const listener of listeners) listener(lineUp.ids)
  }

  function refresh(): void {
    lineUp.reset(uploader.items())
    edition += 1
    tell()
  }

  const stops = [
    uploader.$ids.listen(refresh),
    uploader.on('changed', (item) => {
      if (lineUp.change(item)) cancelFrame ??= nextFrame(tell)
    }),
  ]
  refresh()

  return {
    get edition() {
      return edition
    },
    get ids() {
      return lineUp.ids
    },
    get activeCount() {
      return lineUp.activeCount
    },
    get waitingCount() {
      return lineUp.waitingCount
    },
    position: lineUp.position,
    get: () => lineUp.ids,
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    refresh,
    dispose() {
      for (const stop of stops) stop()
      cancelFrame?.()
      listeners.clear()
    },
  }
}
