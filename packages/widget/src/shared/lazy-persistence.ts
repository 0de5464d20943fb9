import { UploadError, type Persistence, type PersistenceFactory } from '@upload-panel/core'

/** Persistence whose code is loaded when an uploader begins, so that pages which do not ask for it do not carry it. Nothing waits for it. */
export function lazyPersistence(load: () => Promise<PersistenceFactory>): PersistenceFactory {
  return (host) => {
    let loaded: Persistence | undefined
    let isDisposed = false
    return {
      start() {
        load().then(
          (factory) => {
            if (isDisposed) return
            loaded = factory(host)
            loaded.start()
          },
          (cause: unknown) => {
            host.warn(
              new UploadError('not_persisted', 'The script that keeps the queue could not be loaded: a reload forgets it.', { cause }),
            )
          },
        )
      },
      forward: (command) => loaded?.forward(command) ?? false,
      dispose() {
        isDisposed = true
        loaded?.dispose()
      },
    }
  }
}
