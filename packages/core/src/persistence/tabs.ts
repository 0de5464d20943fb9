import type { QueueCommand } from './persistence.js'
import type { PlainItem } from './queue-storage.js'

/** What tabs tell each other. */
export type TabMessage =
  /** A tab has come: all others answer with what they have. */
  | { readonly kind: 'hello' }
  /** Own items that are new or have changed, each with its epoch, and those that left the list; or, without the latter, all that there are. */
  | { readonly kind: 'items'; readonly items: readonly (readonly [PlainItem, number])[]; readonly gone?: readonly string[] }
  /** For the tab that owns the item, or for all. */
  | { readonly kind: 'command'; readonly command: QueueCommand }

/** The part of `navigator.locks` that is used. */
export interface LocksLike {
  request(name: string, options: { readonly signal: AbortSignal }, callback: () => Promise<unknown>): Promise<unknown>
}

/** The part of a `BroadcastChannel` that is used. */
export interface ChannelLike {
  onmessage: ((event: MessageEvent) => unknown) | null
  postMessage(message: unknown): void
  close(): void
}

export interface TabsOptions {
  readonly name: string
  /** Of this tab session. */
  readonly id: string
  readonly locks: LocksLike | undefined
  openChannel(name: string): ChannelLike | undefined
  onMessage(message: TabMessage, from: string): void
  /** A tab session is gone, and no other tab hears so at the same time. */
  onGone(id: string): Promise<void>
}

/** This tab among the others of the same queue: each holds a lock for as long as it lives. */
export interface Tabs {
  /** Resolves once this tab is known to live. */
  open(): Promise<void>
  close(): void
  /** Calls `onGone` once the tab session is gone: at once where it already is. Without Web Locks nobody knows, and it never is. */
  watch(id: string): void
  post(message: TabMessage): void
  /** Whether there is nobody to tell. */
  isAlone(): boolean
}

export function createTabs({ name, id, locks, openChannel, onMessage, onGone }: TabsOptions): Tabs {
  /** The others, as far as they are known and live. */
  const others = new Set<string>()
  let session = new AbortController()
  let channel: ChannelLike | undefined

  /** Calls back with the lock of a tab session in hand. */
  async function whenHeld(tab: string, act: () => Promise<void>): Promise<void> {
    await locks?.request(`upload-panel:${name}:${tab}`, { signal: session.signal }, act)
  }

  function post(message: TabMessage): void {
    channel?.postMessage({ ...message, from: id })
  }

  function watch(tab: string): void {
    if (tab === id || others.has(tab)) return
    others.add(tab)
    const { signal } = session
    whenHeld(tab, async () => {
      others.delete(tab)
      if (!signal.aborted) await onGone(tab)
    }).catch(() => {})
  }

  return {
    async open() {
      session = new AbortController()
      const { signal } = session
      if (locks === undefined) return
      await new Promise<void>((resolve, reject) => {
        const untilClosed = new Promise<void>((release) => signal.addEventListener('abort', () => release()))
        whenHeld(id, () => {
          resolve()
          return untilClosed
        }).catch(reject)
      })
      // Only where it is safe to own something is it shown to others.
      channel = openChannel(`upload-panel:${name}:1`)
      if (channel === undefined) return
      channel.onmessage = ({ data }: MessageEvent<TabMessage & { readonly from: string }>) => {
        watch(data.from)
        onMessage(data, data.from)
      }
    },
    close() {
      session.abort()
      channel?.close()
      channel = undefined
      others.clear()
    },
    watch,
    post,
    isAlone: () => others.size === 0,
  }
}
