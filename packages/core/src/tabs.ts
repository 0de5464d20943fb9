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

export interface TabsOptions<Message> {
  readonly name: string
  /** Of this tab session. */
  readonly id: string
  readonly locks: LocksLike | undefined
  openChannel(name: string): ChannelLike | undefined
  onMessage(message: Message, from: string): void
  /** A tab session is gone, and no other tab hears so at the same time. */
  onGone(id: string): Promise<void>
}

/** This tab among the others that share something: each holds a lock for as long as it lives. */
export interface Tabs<Message> {
  /** Resolves once this tab is known to live. */
  open(): Promise<void>
  close(): void
  /** Calls `onGone` once the tab session is gone: at once where it already is. Without Web Locks nobody knows, and it never is. */
  watch(id: string): void
  post(message: Message): void
  /** Whether there is nobody to tell. */
  isAlone(): boolean
}

export function createTabs<Message extends object>({
  name,
  id,
  locks,
  openChannel,
  onMessage,
  onGone,
}: TabsOptions<Message>): Tabs<Message> {
  /** The others, as far as they are known and live. */
  const others = new Set<string>()
  let session = new AbortController()
  let channel: ChannelLike | undefined

  /** Calls back with the lock of a tab session in hand. */
  async function whenHeld(tab: string, act: () => Promise<void>): Promise<void> {
    await locks?.request(`upload-panel:${name}:${tab}`, { signal: session.signal }, act)
  }

  function post(message: Message): void {
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
        whenHeld(id, () => {
          resolve()
          return untilAborted(signal)
        }).catch(reject)
      })
      // It was closed again meanwhile: a channel would be left open.
      if (signal.aborted) return
      // Only where it is safe to own something is it shown to others.
      channel = openChannel(`upload-panel:${name}:1`)
      if (channel === undefined) return
      channel.onmessage = ({ data }: MessageEvent<Message & { readonly from: string }>) => {
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

/** For as long as a lock is to be held. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve())
  })
}

/** What a browser gives to the tabs of an origin, as far as it does. */
export const browserTabs = (): Pick<TabsOptions<never>, 'locks' | 'openChannel'> => ({
  locks: globalThis.navigator?.locks,
  openChannel(name) {
    try {
      return new BroadcastChannel(name)
    } catch {
      // There is none, or the page may not.
      return undefined
    }
  },
})
