import { createMemoryStorage } from '../../persistence/memory-storage.js'
import { persistQueue } from '../../persistence/persist-queue.js'
import type { PersistenceFactory } from '../../persistence/persistence.js'
import type { QueueStorage } from '../../persistence/queue-storage.js'
import type { ChannelLike, LocksLike } from '../../tabs.js'
import { createTabWorld } from '../tab-world.js'
import type { NetworkPage } from './network.js'
import type { Setting } from './scenario.js'

/** What one tab remembers over a reload. */
export type TabSession = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

export function createTabSession(): TabSession {
  const values = new Map<string, string>()
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  }
}

/** The side of one page. */
export interface BrowserPage {
  readonly persistence: PersistenceFactory | undefined
  /** Tells the page that it is put aside, or that it is back. */
  tell(what: 'pagehide' | 'pageshow'): void
  /** Locks are free, and channels are closed, as of a page that is gone. */
  kill(): void
  leftovers(): readonly string[]
}

/** One browser: the pages of an origin share a database, locks and channels. */
export interface Browser {
  open(page: NetworkPage & { isOpen(): boolean }, session: TabSession): BrowserPage
  setFull(isFull: boolean): void
}

const DAY_MS = 86_400_000

export function createBrowser({ persistence }: Setting): Browser {
  const storage = createMemoryStorage()
  const tabs = createTabWorld()
  let isFull = false

  return {
    setFull(value) {
      isFull = value
    },
    open(page, session) {
      const tab = tabs.tab()
      const { run } = page
      const channels = new Set<ChannelLike>()
      let locks = 0

      /** Heard by the page when it runs, and never if it is gone. */
      function heard<T>(promise: Promise<T>): Promise<T> {
        return new Promise((resolve, reject) => {
          promise.then(
            (value) => run(() => resolve(value)),
            (error: Error) => run(() => reject(error)),
          )
        })
      }
      const database = new Proxy<QueueStorage>(storage, {
        get(target, name) {
          const member: unknown = Reflect.get(target, name)
          if (typeof member !== 'function') return member
          return (...args: unknown[]) => {
            if (!page.isOpen()) return new Promise(() => {})
            if (isFull && name === 'write') return heard(Promise.reject(new DOMException('The disk is full.', 'QuotaExceededError')))
            const answer: unknown = Reflect.apply(member, target, args)
            return answer instanceof Promise ? heard(answer) : answer
          }
        },
      })
      const tabLocks: LocksLike = {
        request: (name, options, act) =>
          heard(
            tab.locks.request(name, options, () => {
              locks += 1
              const done = new Promise<unknown>((resolve, reject) => run(() => void act().then(resolve, reject)))
              return done.finally(() => (locks -= 1))
            }),
          ),
      }
      function openChannel(name: string): ChannelLike {
        const inner = tab.openChannel(name)
        const channel: ChannelLike = {
          onmessage: null,
          postMessage: (message) => inner.postMessage(message),
          close() {
            channels.delete(channel)
            inner.close()
          },
        }
        inner.onmessage = (event) => run(() => channel.onmessage?.(event))
        channels.add(channel)
        return channel
      }

      const hasLocks = persistence !== 'no locks'
      return {
        persistence:
          persistence === 'none'
            ? undefined
            : persistQueue({
                storage: database,
                name: 'simulation',
                locks: hasLocks ? tabLocks : undefined,
                openChannel,
                session,
                page: tab.page,
                expiresAfterMs: DAY_MS,
                maxFileBytes: persistence === 'tabs without files' ? 0 : 1000,
                maxBytes: 10_000,
                // Quicker than the browser's, which takes turns of the event loop.
                digest: async (bytes) => new Uint8Array(await bytes.arrayBuffer()).join(),
                estimate: async () => ({}),
              }),
        tell: (what) => void tab.page.dispatchEvent(new Event(what)),
        kill: () => tab.kill(),
        leftovers: () => [...(channels.size > 0 ? [`${channels.size} channels`] : []), ...(locks > 0 ? [`${locks} locks`] : [])],
      }
    },
  }
}
