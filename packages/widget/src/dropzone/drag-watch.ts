import type { SetTimer } from '../text/voice.js'

export interface DragWatchOptions {
  /** `isOver` has become another. */
  onChange(): void
  readonly setTimer: SetTimer
}

/** Whether a drag is over an area. */
export interface DragWatch {
  readonly isOver: boolean
  /** The drag has been seen there. */
  seen(): void
  /** It left some element, perhaps only for the next one in the same area. */
  left(isSurelyGone: boolean): void
  /** It is over, or somewhere else. */
  ended(): void
}

/** A drag that is alive is seen at least every 350 ms (HTML, "drag-and-drop processing model"), 550 at worst: silence is its end. */
const SILENCE_MS = 2000
const SILENCE_AFTER_LEAVING_MS = 600

/**
 * Follows a drag that may end without a word: outside the window, over a frame, by Escape, or because what was dragged has vanished.
 * Engines tell none of these apart from a step to the next element, but in all of them the drag is not seen any more.
 */
export function createDragWatch({ onChange, setTimer }: DragWatchOptions): DragWatch {
  let isOver = false
  let stopTimer: (() => void) | undefined

  const ended = () => {
    stopTimer?.()
    if (!isOver) return
    isOver = false
    onChange()
  }

  const waitFor = (ms: number) => {
    stopTimer?.()
    stopTimer = setTimer(ended, ms)
  }

  return {
    get isOver() {
      return isOver
    },
    seen() {
      waitFor(SILENCE_MS)
      if (isOver) return
      isOver = true
      onChange()
    },
    left(isSurelyGone) {
      if (!isOver) return
      if (isSurelyGone) ended()
      else waitFor(SILENCE_AFTER_LEAVING_MS)
    },
    ended,
  }
}
