import { type Clock, systemClock } from './clock.js'
import type { HttpClient } from './http/http-client.js'
import { fetchClient } from './http/fetch-client.js'
import { protocolReader } from './http/protocol-reader.js'
import { xhrClient } from './http/xhr-client.js'
import { nextFrame } from './next-frame.js'

export type { Clock } from './clock.js'

/** Why the page may have missed something. */
export type WakeReason = 'visible' | 'pageshow' | 'online'

/**
 * All that the engine takes from the world around it. Tests and other runtimes bring their own;
 * nothing else in the engine reads a clock, rolls dice or touches a global.
 */
export interface Environment {
  readonly clock: Clock
  /** 0 ≤ x < 1. */
  random(): number
  /** 128 random bits as 32 hexadecimal digits. */
  createId(): string
  /**
   * Calls back before the next paint, and within 250 ms where nothing is painted: `requestAnimationFrame` does not fire in a hidden tab,
   * and Node has none. The returned function cancels.
   */
  nextFrame(callback: () => void): () => void
  /** What the browser believes. Only a hint: it says "online" behind a captive portal and "offline" behind some VPNs. */
  isOnline(): boolean
  /** Calls back when the page became visible or was thawed, came out of the back/forward cache, or the network returned. The returned function unsubscribes. */
  onWake(listener: (reason: WakeReason) => void): () => void
  /** The browser asks before the page is left. The returned function ends that. */
  guardLeaving(): () => void
  /** The screen stays on while the page is looked at, where the browser can do that: a phone that sleeps cuts its uploads. The returned function ends that. */
  keepAwake(): () => void
  readonly fetch: typeof fetch
  /** Sends bytes and tells how far they are. */
  readonly http: HttpClient
  /** Base that relative URLs are resolved against. */
  readonly baseUrl: string | undefined
  /** ALPN name of the protocol last used to an origin (`h2`, `http/1.1`), or empty where the browser does not tell. */
  protocolOf(origin: string): string
  /** Reports an exception of a listener, which must not stop the engine. */
  reportError(error: unknown): void
  /** Readable notes for developers; called only in debug mode. */
  debug(...note: readonly unknown[]): void
}

/** The environment of a browser; also right in Node and in workers, where it uses what is there. Reads globals late, so that fakes and polyfills work. */
export function browserEnvironment(): Environment {
  return {
    clock: systemClock,
    random: () => Math.random(),
    createId: idMaker(),
    nextFrame,
    isOnline: () => typeof navigator === 'undefined' || navigator.onLine !== false,
    onWake(listener) {
      if (typeof window === 'undefined') return () => {}
      const controller = new AbortController()
      const { signal } = controller
      const onVisible = () => {
        if (document.visibilityState === 'visible') listener('visible')
      }
      document.addEventListener('visibilitychange', onVisible, { signal })
      // A page that was frozen in the background thaws there, too.
      document.addEventListener('resume', () => listener('visible'), { signal })
      window.addEventListener('pageshow', (event) => event.persisted && listener('pageshow'), { signal })
      window.addEventListener('online', () => listener('online'), { signal })
      return () => controller.abort()
    },
    guardLeaving() {
      if (typeof window === 'undefined') return () => {}
      const ask = (event: Event) => event.preventDefault()
      window.addEventListener('beforeunload', ask)
      return () => window.removeEventListener('beforeunload', ask)
    },
    keepAwake,
    fetch: (input, init) => fetch(input, init),
    http: typeof XMLHttpRequest === 'undefined' ? fetchClient() : xhrClient(systemClock),
    baseUrl: typeof document === 'undefined' ? undefined : document.baseURI,
    protocolOf: protocolReader(),
    reportError(error) {
      if (typeof reportError === 'function') reportError(error)
      else console.error(error)
    },
    debug: (...note) => console.debug('[upload-panel]', ...note),
  }
}

function keepAwake(): () => void {
  if (typeof document === 'undefined' || !('wakeLock' in navigator)) return () => {}
  const controller = new AbortController()
  let lock: WakeLockSentinel | undefined
  async function ask(): Promise<void> {
    if (document.visibilityState !== 'visible') return
    try {
      lock = await navigator.wakeLock.request('screen')
    } catch {
      // The battery is low, or the page may not: uploads go on, as long as the device does.
    }
    if (controller.signal.aborted) await lock?.release()
  }
  // Browsers take the lock back when the page is hidden.
  document.addEventListener('visibilitychange', () => void ask(), { signal: controller.signal })
  void ask()
  return () => {
    controller.abort()
    void lock?.release()
  }
}

/** Out of a stock: to ask for the bytes of each one, and to join its digits, would be a third of what it costs to add ten thousand files. */
function idMaker(): () => string {
  const words = new Uint32Array(2048)
  let stock = ''
  let used = 0
  return () => {
    if (used === stock.length) {
      crypto.getRandomValues(words)
      for (let place = 0; place < words.length; place += 1) {
        // Four digits at once, each in a byte of its own: the code of 0 is 48, and a lies 39 above where the digit after 9 would be.
        const digits = (words[place] ?? 0) & 0x0f0f0f0f
        words[place] = digits + 0x30303030 + (((digits + 0x06060606) >> 4) & 0x01010101) * 39
      }
      stock = new TextDecoder().decode(words)
      used = 0
    }
    used += 32
    return stock.slice(used - 32, used)
  }
}
