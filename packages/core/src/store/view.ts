import { atom, type ReadableAtom } from 'nanostores'

/** A nanostore over state that lives elsewhere: it answers the committed state at once, and tells its listeners when it is asked to look. */
export interface View<T> {
  readonly $store: ReadableAtom<T>
  /** Whether anybody listens. */
  isHeard(): boolean
  /** Tells the listeners if the value differs from the one they were told last. */
  refresh(): void
}

/** Moves with every commit, and by it nanostores' epoch: a `computed` that nobody listens to asks again only when that has moved. */
const $epoch = atom(0)

/** The state behind the views has changed: whoever asks is answered anew from here on. */
export function invalidate(): void {
  $epoch.set($epoch.get() + 1)
}

export interface ViewOptions {
  /** Hears of what a listener threw. */
  reportError(error: unknown): void
  /** The first listener came. */
  onFirst?(): void
  /** The last listener left. */
  onLast?(): void
}

export function createView<T>(read: () => T, options: ViewOptions): View<T> {
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
      options.onFirst?.()
    } else {
      // From here on all are told the same: those who came before are not told later what the newcomer sees now.
      refresh()
    }
    const unlisten = listen(listener)
    return () => {
      const hadListeners = $store.lc > 0
      unlisten()
      if (hadListeners && $store.lc === 0) options.onLast?.()
    }
  }
  $store.subscribe = (listener) => {
    const unlisten = $store.listen(listener)
    listener(read())
    return unlisten
  }

  function refresh(): void {
    try {
      $store.set(read())
    } catch (error) {
      options.reportError(error)
    }
  }

  return { $store: $store as unknown as ReadableAtom<T>, isHeard: () => $store.lc > 0, refresh }
}
