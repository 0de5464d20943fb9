'use client'
import { useSyncExternalStore } from 'react'

/** What this package needs of a nanostore, whose methods need no `this`. */
interface Readable<T> {
  readonly get: () => T
  readonly listen: (listener: () => void) => () => void
}

/** In the place of a store that is not there. */
export const $nothing: Readable<undefined> = { get: () => undefined, listen: () => () => {} }

/** What a server, which follows nothing, renders of any list. */
export const NOTHING: readonly never[] = Object.freeze([])

/**
 * The value of a store, rendered again when its views are told of a change.
 *
 * @param serverValue what the server rendered, so that hydration finds the same
 */
export function useAtom<T>(atom: Readable<T>, serverValue: T): T {
  return useSyncExternalStore(atom.listen, atom.get, () => serverValue)
}
