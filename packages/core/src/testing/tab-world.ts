import type { StealableLocks } from '../realtime/shared-transport.js'
import type { ChannelLike } from '../tabs.js'
import { settle } from './manual-clock.js'

/** The locks and channels that the tabs of one origin share, in the hands of a test. Every tab has its own `locks`, so that it can die. */
export interface TabWorld {
  /** What one tab sees of them. */
  tab(): FakeTab
}

export interface FakeTab {
  readonly locks: StealableLocks
  openChannel(name: string): ChannelLike
  /** Tells of `pagehide` and `pageshow`. */
  readonly page: EventTarget
  /** The browser ends the tab without a word: its locks are free, and nothing of it is heard any more. */
  kill(): void
  /** The tab hears nothing until it thaws; its locks are still its own. Its clock is a test's to stop. */
  freeze(): void
  thaw(): Promise<void>
}

interface Request {
  readonly act: () => Promise<unknown>
  readonly tab: FakeTab
  settle(): void
  /** Another one has taken the lock. */
  lose(): void
}

export function createTabWorld(): TabWorld {
  const queues = new Map<string, Request[]>()
  const channels = new Map<string, Set<{ readonly tab: FakeTab; readonly channel: ChannelLike }>>()
  const dead = new Set<FakeTab>()
  /** What a frozen tab will hear. */
  const frozen = new Map<FakeTab, (() => void)[]>()

  function reach(tab: FakeTab, act: () => void): void {
    const waiting = frozen.get(tab)
    if (waiting !== undefined) waiting.push(act)
    else if (!dead.has(tab)) act()
  }

  /** The first of a queue holds the lock. */
  function leave(name: string, request: Request): void {
    const queue = queues.get(name) ?? []
    const wasFirst = queue[0] === request
    const rest = queue.filter((other) => other !== request)
    queues.set(name, rest)
    request.settle()
    if (wasFirst) grant(name)
  }

  function grant(name: string): void {
    const [first] = queues.get(name) ?? []
    // The browser answers in a task of its own.
    if (first === undefined) return
    queueMicrotask(() => {
      // Its tab may have ended, or another one taken the lock, before it is granted.
      if (queues.get(name)?.[0] === first) void first.act().finally(() => leave(name, first))
    })
  }

  function createTab(): FakeTab {
    const tab: FakeTab = {
      page: new EventTarget(),
      locks: {
        request: (name, options, act) =>
          new Promise((resolve, reject) => {
            const request: Request = {
              act,
              tab,
              settle: () => reach(tab, () => resolve(undefined)),
              lose: () => queueMicrotask(() => reach(tab, () => reject(new DOMException('The lock was stolen.', 'AbortError')))),
            }
            // What a dead tab would still do.
            if (dead.has(tab)) return
            const queue = queues.get(name) ?? []
            if ('steal' in options) {
              queues.set(name, [request, ...queue.slice(1)])
              queue[0]?.lose()
              return grant(name)
            }
            queues.set(name, [...queue, request])
            options.signal.addEventListener('abort', () => {
              // One that is held ends by itself.
              if (queues.get(name)?.[0] !== request) leave(name, request)
            })
            if (queue.length === 0) grant(name)
          }),
      },
      openChannel(name) {
        const channel: ChannelLike = {
          onmessage: null,
          postMessage(message) {
            const data = clone(message)
            for (const other of channels.get(name) ?? []) {
              if (other.channel === channel || dead.has(tab)) continue
              queueMicrotask(() => {
                reach(other.tab, () => other.channel.onmessage?.(Object.assign(new Event('message'), { data }) as MessageEvent))
              })
            }
          },
          close() {
            for (const one of channels.get(name) ?? []) if (one.channel === channel) channels.get(name)?.delete(one)
          },
        }
        channels.set(name, (channels.get(name) ?? new Set()).add({ tab, channel }))
        return channel
      },
      freeze: () => void frozen.set(tab, []),
      async thaw() {
        const waiting = frozen.get(tab) ?? []
        frozen.delete(tab)
        for (const act of waiting) {
          act()
          await settle()
        }
      },
      kill() {
        dead.add(tab)
        for (const [name, queue] of queues) for (const request of queue) if (request.tab === tab) leave(name, request)
      },
    }
    return tab
  }

  return { tab: createTab }
}

/** As channels clone. A file is handed on as it is: those of tests are no real ones, and a clone of them would be empty. */
function clone(value: unknown): unknown {
  if (typeof value === 'function') throw new DOMException('A function could not be cloned.', 'DataCloneError')
  if (value instanceof Blob || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(clone)
  return Object.getPrototypeOf(value) === Object.prototype
    ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, clone(one)]))
    : structuredClone(value)
}
