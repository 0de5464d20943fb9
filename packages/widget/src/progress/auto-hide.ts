import type { SetTimer } from '../text/voice.js'

export interface AutoHideOptions {
  readonly hide: () => void
  /** Whether somebody points at it, or is in it with the keyboard: it must not go from under their hands. */
  readonly isInUse: () => boolean
  readonly setTimer: SetTimer
}

/** Hides what has ended well, some time later. */
export interface AutoHide {
  /** It has ended well, so it goes after so long; `undefined`: it stays. The same again changes nothing. */
  plan(afterMs: number | undefined): void
  /** It may not be in use any more: what was due goes after the same time again. */
  release(): void
}

export function createAutoHide({ hide, isInUse, setTimer }: AutoHideOptions): AutoHide {
  let planned: number | undefined
  let cancelTimer: (() => void) | undefined

  const begin = () => {
    cancelTimer?.()
    cancelTimer =
      planned === undefined
        ? undefined
        : setTimer(() => {
            cancelTimer = undefined
            if (!isInUse()) hide()
          }, planned)
  }

  return {
    plan(afterMs) {
      if (afterMs === planned) return
      planned = afterMs
      begin()
    },
    release() {
      if (planned !== undefined && !cancelTimer) begin()
    },
  }
}
