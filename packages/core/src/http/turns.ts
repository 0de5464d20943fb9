/** How many requests are begun in one task. Each costs the main thread about a millisecond: a hundred at once would hold back several frames. */
const STARTS_A_TASK = 4

/** Lets a few callers through at once, and as many in each task that follows, in their order. `later` runs a callback in a task of its own. */
export function createTurns(later: (callback: () => void) => void): () => Promise<void> | undefined {
  const waiting: (() => void)[] = []
  let left = STARTS_A_TASK

  function take(): void {
    if (left === STARTS_A_TASK) later(nextTask)
    left -= 1
  }

  function nextTask(): void {
    left = STARTS_A_TASK
    for (const go of waiting.splice(0, STARTS_A_TASK)) {
      take()
      go()
    }
  }

  return () => {
    if (left === 0) return new Promise((resolve) => waiting.push(resolve))
    take()
    return undefined
  }
}

/** Runs callbacks in tasks of their own. By messages to itself, because a page in the background gets its timers once a second. */
export function taskQueue(): (callback: () => void) => void {
  const callbacks: (() => void)[] = []
  let channel: MessageChannel | undefined
  return (callback) => {
    if (channel === undefined) {
      channel = new MessageChannel()
      channel.port1.onmessage = () => callbacks.shift()?.()
    }
    callbacks.push(callback)
    channel.port2.postMessage(undefined)
  }
}
