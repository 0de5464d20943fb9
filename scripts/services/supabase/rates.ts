/** An average that is looked at now and then, as the server does: a burst passes, and what follows it does not. */
export interface Rate {
  count(events?: number): void
  readonly isExceeded: boolean
}

const KEPT_TICKS = 12

export function createRate(perSecond: number, tick: number): Rate {
  const ticks = [0]
  let isExceeded = false
  setInterval(() => {
    const total = ticks.reduce((sum, count) => sum + count, 0)
    isExceeded = total / ((ticks.length * tick) / 1000) > perSecond
    ticks.unshift(0)
    ticks.length = Math.min(ticks.length, KEPT_TICKS)
  }, tick).unref()
  return {
    count(events = 1) {
      ticks[0] = (ticks[0] ?? 0) + events
    },
    get isExceeded() {
      return isExceeded
    },
  }
}
