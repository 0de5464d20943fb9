import type { UploadItem } from '@upload-panel/core'
import type { SetTimer } from '../text/voice.js'

/** Files that were added together and have all ended. */
export interface Toast {
  readonly id: number
  readonly total: number
  readonly completed: number
  readonly failed: number
  /** Names of the first that failed. */
  readonly failedNames: readonly string[]
}

/** Why toasts stay although their time is over. */
export type Hold = 'pointer' | 'focus' | 'hidden'

/** The few toasts that are shown, the newest last. */
export interface ToastStack {
  readonly toasts: readonly Toast[]
  add(batch: readonly UploadItem[]): void
  dismiss(id: number): void
  /** Nobody's time runs out while one is read, is about to be pressed, or cannot be seen. Afterwards each has its whole time again. */
  hold(why: Hold, isHeld: boolean): void
  clear(): void
}

const MOST = 3
const MOST_NAMES = 2
const SHOWN_MS = 6000
/** With names to read and something to press. */
const SHOWN_FAILED_MS = 15_000

export function createToastStack({ setTimer, onChange }: { readonly setTimer: SetTimer; onChange(): void }): ToastStack {
  const timers = new Map<number, () => void>()
  const holds = new Set<Hold>()
  let toasts: readonly Toast[] = []
  let lastId = 0

  const stop = (id: number) => {
    timers.get(id)?.()
    timers.delete(id)
  }
  const start = ({ id, failed }: Toast) => {
    stop(id)
    if (holds.size === 0)
      timers.set(
        id,
        setTimer(() => show(toasts.filter((toast) => toast.id !== id)), failed > 0 ? SHOWN_FAILED_MS : SHOWN_MS),
      )
  }
  const show = (next: readonly Toast[]) => {
    for (const toast of toasts) if (!next.includes(toast)) stop(toast.id)
    toasts = next
    onChange()
  }

  return {
    get toasts() {
      return toasts
    },
    add(batch) {
      const failed = batch.filter(({ phase }) => phase === 'failed')
      const completed = batch.filter(({ phase }) => phase === 'completed').length
      // What a person has cancelled is no news to them.
      if (completed + failed.length === 0) return
      const failedNames = failed.slice(0, MOST_NAMES).map(({ name }) => name)
      const toast: Toast = { id: ++lastId, total: completed + failed.length, completed, failed: failed.length, failedNames }
      start(toast)
      show([...toasts, toast].slice(-MOST))
    },
    dismiss: (id) => show(toasts.filter((toast) => toast.id !== id)),
    hold(why, isHeld) {
      const wasHeld = holds.size > 0
      if (isHeld) holds.add(why)
      else holds.delete(why)
      if (wasHeld === holds.size > 0) return
      for (const toast of toasts) {
        if (isHeld) stop(toast.id)
        else start(toast)
      }
    },
    clear() {
      holds.clear()
      if (toasts.length > 0) show([])
    },
  }
}
