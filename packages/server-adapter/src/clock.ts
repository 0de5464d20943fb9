/** Time, as the server sees it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls back once after `ms`; the returned function cancels. */
  setTimeout(callback: () => void, ms: number): () => void
}

/** The machine's clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(callback, ms) {
    const timer = setTimeout(callback, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** Calls back again and again, `ms` after the last call has settled. The returned function stops it. */
export function repeat(clock: Clock, ms: number, callback: () => void | Promise<void>): () => void {
  let isStopped = false
  let cancel = schedule()
  function schedule(): () => void {
    return clock.setTimeout(() => void run(), ms)
  }
  async function run(): Promise<void> {
    await callback()
    if (!isStopped) cancel = schedule()
  }
  return () => {
    isStopped = true
    cancel()
  }
}

/** Waits for a promise, but not longer than `ms`. Answers whether it settled in time. */
export async function settledWithin(clock: Clock, ms: number, promise: Promise<unknown>): Promise<boolean> {
  let cancel = () => {}
  const tooLate = new Promise<false>((resolve) => {
    cancel = clock.setTimeout(() => resolve(false), ms)
  })
  const settled = promise.then(
    () => true,
    () => true,
  )
  try {
    return await Promise.race([settled, tooLate])
  } finally {
    cancel()
  }
}
