/** Knows which promises have not settled. */
export interface InFlight {
  track<T>(promise: Promise<T>): Promise<T>
  /** Resolves once none is left of those that are tracked now. */
  settled(): Promise<void>
}

export function createInFlight(): InFlight {
  const pending = new Set<Promise<unknown>>()
  return {
    track(promise) {
      pending.add(promise)
      const forget = () => void pending.delete(promise)
      promise.then(forget, forget)
      return promise
    },
    async settled() {
      await Promise.allSettled(pending)
    },
  }
}
