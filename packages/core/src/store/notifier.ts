import type { Environment } from '../environment.js'
import type { View } from './view.js'

/** Tells views that something behind them changed: once a frame, however many events there were. */
export interface Notifier {
  /** The view will look again at the next frame. Where nobody listens to it there is no frame: who comes is told the value of that moment. */
  mark(view: View<unknown>): void
  /** All marked views look now. */
  flush(): void
  dispose(): void
}

export function createNotifier(environment: Pick<Environment, 'nextFrame'>): Notifier {
  let marked = new Set<View<unknown>>()
  let cancelFrame: (() => void) | undefined
  let isDisposed = false

  function flush(): void {
    cancelFrame?.()
    cancelFrame = undefined
    const views = marked
    marked = new Set()
    for (const view of views) view.refresh()
  }

  return {
    mark(view) {
      if (isDisposed || !view.isHeard()) return
      marked.add(view)
      cancelFrame ??= environment.nextFrame(flush)
    },
    flush,
    dispose() {
      isDisposed = true
      cancelFrame?.()
      cancelFrame = undefined
      marked.clear()
    },
  }
}
