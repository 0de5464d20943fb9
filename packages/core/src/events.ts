/** Listeners by name of event. A listener that throws stops neither the others nor the engine. */
export interface Emitter<Events extends { [E in keyof Events]: (...args: never[]) => void }> {
  on<E extends keyof Events>(event: E, listener: (...args: Parameters<Events[E]>) => void): () => void
  emit<E extends keyof Events>(event: E, ...args: Parameters<Events[E]>): void
  clear(): void
}

export function createEmitter<Events extends { [E in keyof Events]: (...args: never[]) => void }>(
  reportError: (error: unknown) => void,
): Emitter<Events> {
  const listeners = new Map<keyof Events, Set<(...args: never[]) => void>>()
  return {
    on(event, listener) {
      // Wrapped, so that the same function given twice is two subscriptions, each ended by its own return value.
      const entry = (...args: never[]) => listener(...(args as Parameters<Events[typeof event]>))
      const set = listeners.get(event) ?? new Set()
      listeners.set(event, set.add(entry))
      return () => set.delete(entry)
    },
    emit(event, ...args) {
      const current = listeners.get(event)
      if (current === undefined) return
      for (const listener of [...current]) {
        // Ended by one that was told before it.
        if (!current.has(listener)) continue
        try {
          listener(...(args as never[]))
        } catch (error) {
          reportError(error)
        }
      }
    },
    clear() {
      for (const set of listeners.values()) set.clear()
      listeners.clear()
    },
  }
}
