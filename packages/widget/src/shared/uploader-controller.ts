import type { Uploader } from '@upload-panel/core'
import type { ReactiveControllerHost } from 'lit'

export interface UploaderControllerOptions {
  /** Somebody else's that the host was pointed to, or `undefined`. Asked for each time: it may come and go. */
  borrow(): Uploader | undefined
  /** Makes the host's own uploader from its attributes, or `undefined` where they do not say enough. */
  make(): Uploader | undefined
  /** Follows an uploader; the returned function lets go of it. */
  attach(uploader: Uploader): () => void
}

export interface UploaderController {
  /** The given one, else the borrowed one, else the host's own, which is made at the first request. */
  readonly current: Uploader | undefined
  /** Uses somebody else's uploader, or none: it is followed and never disposed of. */
  give(uploader: Uploader | undefined): void
  /** Lets go of the host's own uploader: the next request makes another one from the attributes of then. */
  renew(): void
}

/**
 * Which uploader a panel shows, and for how long. An uploader that the panel made for itself lives as long as the panel is in a document;
 * being moved there, which disconnects and connects in one task, ends nothing.
 */
export function uploaderController(
  host: ReactiveControllerHost & HTMLElement,
  { borrow, make, attach }: UploaderControllerOptions,
): UploaderController {
  let given: Uploader | undefined
  let own: Uploader | undefined
  let attached: Uploader | undefined
  let detach: (() => void) | undefined

  const follow = (uploader: Uploader | undefined) => {
    if (uploader === attached) return
    detach?.()
    attached = uploader
    detach = uploader && attach(uploader)
  }

  const dropOwn = () => {
    if (own && own === attached) follow(undefined)
    void own?.dispose()
    own = undefined
  }

  host.addController({
    hostConnected() {
      if (given) follow(given)
      host.requestUpdate()
    },
    hostDisconnected() {
      setTimeout(() => {
        if (host.isConnected) return
        follow(undefined)
        dropOwn()
      })
    },
  })

  return {
    get current() {
      if (given) return given
      // A panel that nobody sees any more must not open connections that nobody would close.
      const borrowed = host.isConnected ? borrow() : undefined
      if (host.isConnected && !borrowed) own ??= make()
      follow(borrowed ?? own)
      return borrowed ?? own
    },
    give(uploader) {
      given = uploader
      if (uploader) dropOwn()
      if (host.isConnected) follow(uploader)
    },
    renew() {
      dropOwn()
    },
  }
}
