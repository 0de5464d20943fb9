/** A few of many at a time: what all want to do at once is spread over the rounds that follow. */
export interface Turns {
  /** Does it now where this round still has a turn, else in one of the next, first come, first served. What waits already waits once. */
  ask(turn: () => void): void
}

export interface TurnsOptions {
  readonly perRound: number
  readonly nextRound: (callback: () => void) => void
}

/**
 * Rounds of so many milliseconds that begin in a frame: what is written between two frames is laid out twice while the page is scrolled, since
 * who hears of a scroll asks where it went. No rounds while nobody sees the page.
 */
export function framedRounds(ms: number): TurnsOptions['nextRound'] {
  return (callback) => setTimeout(() => requestAnimationFrame(callback), ms)
}

export function createTurns({ perRound, nextRound }: TurnsOptions): Turns {
  const waiting = new Set<() => void>()
  let given = 0

  const give = (turn: () => void) => {
    if (given === 0) nextRound(onRound)
    given += 1
    turn()
  }

  const onRound = () => {
    given = 0
    for (const turn of Array.from(waiting).slice(0, perRound)) {
      waiting.delete(turn)
      give(turn)
    }
  }

  return {
    ask(turn) {
      if (given < perRound) give(turn)
      else waiting.add(turn)
    },
  }
}
