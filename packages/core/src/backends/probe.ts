import type { Environment } from '../environment.js'
import { isUnanswered, ownError, UploadError } from '../errors.js'

/**
 * Whether the server of an address can be reached, whatever it says: any answer will do, and one that CORS hides is an answer, too.
 * What the browser believes counts where no address is known yet, and where such an answer would be hidden so well that it looked like none.
 */
export function probeOf(
  { fetch, isOnline, baseUrl }: Environment,
  address: () => string | undefined,
): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    const url = address()
    // A page that is isolated from other origins may not even know whether they answered.
    const isHidden =
      url !== undefined && globalThis.crossOriginIsolated === true && new URL(url, baseUrl).origin !== new URL(baseUrl ?? url).origin
    if (url === undefined || isHidden) {
      if (isOnline()) return
      throw ownError('network', 'There is no network.')
    }
    try {
      await fetch(url, { method: 'HEAD', mode: 'no-cors', cache: 'no-store', signal })
    } catch (thrown) {
      if (isUnreached(thrown, isOnline)) throw thrown
    }
  }
}

/**
 * Whether what a probe threw means that nobody answered. A server that asked to be left alone for a while is not asked, and was reached before;
 * whether it still could be only the browser can tell.
 */
export function isUnreached(thrown: unknown, isOnline: () => boolean): boolean {
  if (!(thrown instanceof UploadError)) return true
  const isHeldBack = thrown.code === 'throttled' && thrown.status === undefined
  return isUnanswered(thrown) || (isHeldBack && !isOnline())
}
