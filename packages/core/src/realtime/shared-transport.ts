import { atom } from 'nanostores'
import { createTabs, untilAborted, type ChannelLike, type LocksLike } from '../tabs.js'
import { createLeader, nameOf, toError, type Leader, type LeaderWord } from './shared-leader.js'
import type { ConnectionStatus, RealtimeFactory, Topic, TopicHandlers } from './transport.js'

/** Locks that can be taken from one who holds them. */
export interface StealableLocks extends LocksLike {
  request(
    name: string,
    options: { readonly signal: AbortSignal } | { readonly steal: true },
    callback: () => Promise<unknown>,
  ): Promise<unknown>
}

export interface SharedTransportOptions {
  readonly name: string
  readonly locks: StealableLocks | undefined
  openChannel(name: string): ChannelLike | undefined
  /** Tells of `pagehide` and `pageshow`. */
  readonly page: Pick<EventTarget, 'addEventListener'> | undefined
}

/** What tabs tell each other. */
type TabMessage =
  | LeaderWord
  /** All that the tab wants to follow. */
  | { readonly kind: 'follow'; readonly topics: readonly Topic[] }
  /** Is anybody there? And who may have slept should look whether the connection still stands. */
  | { readonly kind: 'ask'; readonly isAwake: boolean }

interface Followed {
  readonly topic: Topic
  readonly handlers: Set<TopicHandlers>
  /** What the leader has said of it last: who follows it later has to hear it. */
  state: TopicWord | undefined
}

type TopicWord = Extract<LeaderWord, { readonly kind: 'subscribed' | 'refused' }>

/** A leader that has said nothing for up to twice this long is asked; one that does not answer for this long is replaced. In milliseconds. */
const SILENCE_MS = 2000
/** Tabs that miss the leader at the same time do not replace it at the same time. */
const SPREAD_MS = 500

/** The logic of a shared connection, whatever tabs share. */
export function shareTransport(connect: RealtimeFactory, { name, locks, openChannel, page }: SharedTransportOptions): RealtimeFactory {
  return (context) => {
    const { clock, random, createId } = context.environment
    const me = createId()
    /** The one that this tab would lead with. */
    let transport: ReturnType<RealtimeFactory> | undefined = connect(context)
    const { authoritative, decode } = transport
    const $connection = atom<ConnectionStatus>(transport.$connection.get())
    const topics = new Map<string, Followed>()
    const lifetime = new AbortController()
    /** From joining the other tabs to leaving them. */
    let visit: AbortController | undefined
    /** From asking for the lock to losing it. */
    let candidacy: AbortController | undefined
    let leader: Leader | undefined
    let leaderId: string | undefined
    let hasChannel = false
    /** Since the leader was last looked for. */
    let hasHeard = false
    let isAsked = false
    let isTelling = false
    let cancelWatch = () => {}

    const tabs = createTabs<TabMessage>({
      name: `realtime:${name}`,
      id: me,
      locks,
      openChannel: (channel) => {
        const opened = openChannel(channel)
        hasChannel = opened !== undefined
        return opened
      },
      onMessage(message, from) {
        if (message.kind !== 'follow' && message.kind !== 'ask') return hear(message, from)
        leader?.tellStatus()
        if (message.kind === 'follow') leader?.follow(from, message.topics)
        else if (message.isAwake) leader?.wake()
      },
      onGone: async (tab) => leader?.follow(tab, []),
    })

    // -- whoever leads ---------------------------------------------------------------------------------------------------------------------

    function hear(word: LeaderWord, from: string): void {
      if (word.to !== undefined && word.to !== me) return
      // One that was replaced, and has not noticed yet.
      if (word.kind !== 'lead' && leaderId !== undefined && from !== leaderId) return
      // Of two leaders each keeps to itself, until one of them loses the lock.
      if (leader !== undefined && from !== me) return
      leaderId = from
      hasHeard = true
      if (isAsked) watch()
      if (word.kind === 'status') return $connection.set(word.status)
      if (word.kind === 'lead') {
        for (const followed of topics.values()) followed.state = undefined
        return tellTopics()
      }
      const followed = topics.get(word.topic)
      if (followed === undefined) return
      if (word.kind !== 'message') followed.state = word
      for (const handlers of [...followed.handlers]) {
        if (word.kind === 'message') handlers.onMessage(word.raw, word.bytes)
        else tellState(word, handlers)
      }
    }

    function tellState(word: TopicWord, handlers: TopicHandlers): void {
      if (word.kind === 'subscribed') handlers.onSubscribed()
      else handlers.onRefused(toError(word.error))
    }

    function tellTopics(): void {
      const wanted = [...topics.values()].map(({ topic }) => topic)
      if (leader === undefined) tabs.post({ kind: 'follow', topics: wanted })
      else leader.follow(me, wanted)
    }

    /** Together with what else is followed from this moment on: a thousand uploads are no thousand lists of them. */
    function tellSoon(): void {
      if (isTelling) return
      isTelling = true
      queueMicrotask(() => {
        isTelling = false
        if (visit !== undefined) tellTopics()
      })
    }

    /** Not a timer a word: there may be thousands of them a second. */
    function watch(): void {
      cancelWatch()
      hasHeard = isAsked = false
      if (leader !== undefined || visit === undefined) return
      cancelWatch = clock.setTimeout(() => (hasHeard ? watch() : ask()), SILENCE_MS)
    }

    function ask(isAwake = false): void {
      cancelWatch()
      isAsked = true
      tabs.post({ kind: 'ask', isAwake })
      cancelWatch = clock.setTimeout(
        () => {
          // Frozen, or too busy to be of use: it finds out by the loss of its lock.
          lead()
          stand({ steal: true })
        },
        SILENCE_MS + random() * SPREAD_MS,
      )
    }

    // -- this tab as the leader --------------------------------------------------------------------------------------------------------------

    function lead(): void {
      if (leader !== undefined || visit === undefined) return
      leader = createLeader(transport ?? connect(context), tell)
      transport = undefined
      watch()
      tell({ kind: 'lead' })
      leader.tellStatus()
    }

    /** Those who follow what it is about, or all. */
    function tell(word: LeaderWord, to?: ReadonlySet<string>): void {
      if (to === undefined || to.has(me)) hear(word, me)
      if (to === undefined || to.size > Number(to.has(me))) post(word)
    }

    function post(word: LeaderWord): void {
      try {
        tabs.post(word)
      } catch {
        // It cannot be cloned: the others ask the server instead.
        if (word.kind === 'message') tabs.post({ kind: 'subscribed', topic: word.topic })
      }
    }

    function abdicate(): void {
      leader?.dispose()
      leader = undefined
      leaderId = undefined
      $connection.set({ ...$connection.get(), status: visit === undefined ? 'disconnected' : 'reconnecting' })
    }

    /** Leads as soon as, and for as long as, this tab holds the lock. */
    function stand(options?: { readonly steal: true }): void {
      candidacy?.abort()
      const { signal } = (candidacy = new AbortController())
      let isHeld = false
      void locks
        ?.request(`upload-panel:realtime:${name}`, options ?? { signal }, () => {
          isHeld = true
          if (!signal.aborted) lead()
          return untilAborted(signal)
        })
        .catch(() => {})
        .then(() => {
          // Where it is refused, whoever misses a leader leads.
          if (signal.aborted || !isHeld) return
          abdicate()
          tellTopics()
          watch()
          stand()
        })
    }

    // -- from the first topic to the last one ---------------------------------------------------------------------------------------------------

    async function join(): Promise<void> {
      const { signal } = (visit = new AbortController())
      hasChannel = false
      $connection.set({ ...$connection.get(), status: 'reconnecting' })
      watch()
      await tabs.open().catch(() => {})
      if (signal.aborted) return
      if (!hasChannel) return lead()
      tellTopics()
      stand()
    }

    function leave(): void {
      if (visit === undefined) return
      visit.abort()
      visit = undefined
      candidacy?.abort()
      cancelWatch()
      abdicate()
      tabs.close()
    }

    page?.addEventListener('pagehide', leave, { signal: lifetime.signal })
    page?.addEventListener(
      'pageshow',
      () => {
        if (visit === undefined && topics.size > 0) void join()
      },
      { signal: lifetime.signal },
    )

    return {
      $connection,
      authoritative,
      ...(decode !== undefined && { decode }),
      subscribe(topic, handlers) {
        const topicName = nameOf(topic)
        const known = topics.get(topicName)
        const followed = known ?? { topic, handlers: new Set(), state: undefined }
        // Two that follow the same thing with the same handlers are two.
        const own = { ...handlers }
        followed.handlers.add(own)
        topics.set(topicName, followed)
        const { state } = followed
        if (state !== undefined) queueMicrotask(() => followed.handlers.has(own) && tellState(state, own))
        if (visit === undefined) void join()
        else if (known === undefined) tellSoon()
        return () => {
          if (!followed.handlers.delete(own) || followed.handlers.size > 0) return
          topics.delete(topicName)
          if (topics.size === 0) leave()
          // At once: who follows it again in this moment has to hear of it anew.
          else tellTopics()
        }
      },
      wake() {
        if (leader !== undefined) leader.wake()
        else if (visit !== undefined) ask(true)
      },
      dispose() {
        lifetime.abort()
        topics.clear()
        leave()
        transport?.dispose()
      },
    }
  }
}
