import type { ReactiveControllerHost } from 'lit'

/** The part of a nanostore that a view needs. */
export interface Readable<T> {
  get(): T
  listen(listener: (value: T) => void): () => void
}

export interface StoreController<T> {
  /** The committed value, or `undefined` while no store is followed. */
  readonly value: T | undefined
  /** Follows another store, or none. The host's next render shows it. */
  follow(store: Readable<T> | undefined): void
}

/**
 * Updates its host whenever a store notifies, or does what else `onChange` says. Listens only while the host is connected, so that nothing keeps a
 * removed element alive.
 */
export function storeController<T>(
  host: ReactiveControllerHost,
  onChange: (value: T) => void = () => host.requestUpdate(),
): StoreController<T> {
  let store: Readable<T> | undefined
  let stop: (() => void) | undefined
  let isConnected = false

  const listen = () => {
    stop?.()
    stop = isConnected ? store?.listen(onChange) : undefined
  }

  host.addController({
    hostConnected() {
      isConnected = true
      listen()
      // What changed while nobody listened.
      host.requestUpdate()
    },
    hostDisconnected() {
      isConnected = false
      listen()
    },
  })

  return {
    get value() {
      return store?.get()
    },
    follow(next) {
      if (next === store) return
      store = next
      listen()
    },
  }
}
