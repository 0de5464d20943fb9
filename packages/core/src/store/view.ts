import { atom, type ReadableAtom, type WritableAtom } from 'nanostores'

/** A nanostore over state that lives elsewhere: it answers the committed state at once, and tells its listeners when it is asked to look. */
export interface View<T> {
  readonly $store: ReadableAtom<T>
  /** Tells the listeners if the value differs from the one they were told last. */
  refresh(): void
}

export interface ViewLife {
  /** The first listener came. */
  onFirst?(): void
  /** The last listener left. */
  onLast?(): void
}

export function createView<T>(read: () => T, life: ViewLife = {}): View<T> {
  // The types forbid to write `value` from outside; this is the inside of a store.
  const $store = atom<unknown>(read()) as Omit<WritableAtom<T>, 'set' | 'value'> & { set(value: T): void; value: T }
  const listen = $store.listen

  $store.get = read
  $store.listen = (listener) => {
    if ($store.lc === 0) {
      $store.value = read()
      life.onFirst?.()
    }
    const unlisten = listen(listener)
    return () => {
      const hadListeners = $store.lc > 0
      unlisten()
      if (hadListeners && $store.lc === 0) life.onLast?.()
    }
  }
  $store.subscribe = (listener) => {
    const unlisten = $store.listen(listener)
    listener(read())
    return unlisten
  }

  return {
    $store: $store as ReadableAtom<T>,
    refresh() {
      $store.set(read())
    },
  }
}
