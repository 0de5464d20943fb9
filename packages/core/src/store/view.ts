import { atom, type ReadableAtom } from 'nanostores'

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
  // `value` is read-only for users of a store, and this is the inside of one.
  const $store = atom<unknown>(read()) as unknown as {
    value: T
    readonly lc: number
    get(): T
    set(value: T): void
    listen: ReadableAtom<T>['listen']
    subscribe(listener: (value: T) => void): () => void
  }
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
    $store: $store as unknown as ReadableAtom<T>,
    refresh() {
      $store.set(read())
    },
  }
}
