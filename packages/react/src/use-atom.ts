'use client'
import { useCallback, useSyncExternalStore } from 'react'

/** What this package needs of a nanostore. */
interface Readable<T> {
  get(): T
  listen(listener: () => void): () => void
}

/**
 * The value of a store, rendered again when its views are told of a change.
 *
 * @param serverValue what the server rendered, so that hydration finds the same
 */
export function useAtom<T>(atom: Readable<T>, serverValue: T): T {
  const subscribe = useCallback((onChange: () => void) => atom.listen(onChange), [atom])
  const getSnapshot = useCallback(() => atom.get(), [atom])
  return useSyncExternalStore(subscribe, getSnapshot, () => serverValue)
}
