/** Calls back once after `ms`; the returned function cancels. */
export type SetTimer = (callback: () => void, ms: number) => () => void

export function pageTimer(callback: () => void, ms: number): () => void {
  const timer = setTimeout(callback, ms)
  return () => clearTimeout(timer)
}

/** Makes the sentence when its turn has come, or `undefined` where nothing is left to say. */
export type Sentence = () => string | undefined

export interface Voice {
  /** Says it now, or once the interval is over: then only the last request speaks. */
  request(sentence: Sentence): void
  dispose(): void
}

/**
 * A live region's throttle: at most one sentence an interval, and the latest wins.
 * A screen reader that is told every per cent says nothing else.
 */
export function createVoice(say: (text: string) => void, intervalMs: number, setTimer: SetTimer): Voice {
  let waiting: Sentence | undefined
  let cancelTimer: (() => void) | undefined

  const speak = (sentence: Sentence) => {
    const text = sentence()
    if (text === undefined) return
    say(text)
    cancelTimer = setTimer(() => {
      cancelTimer = undefined
      const next = waiting
      waiting = undefined
      if (next) speak(next)
    }, intervalMs)
  }

  return {
    request(sentence) {
      if (cancelTimer) waiting = sentence
      else speak(sentence)
    },
    dispose() {
      waiting = undefined
      cancelTimer?.()
      cancelTimer = undefined
    },
  }
}
