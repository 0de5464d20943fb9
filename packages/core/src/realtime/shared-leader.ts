import { UploadError, type UploadErrorDetails } from '../errors.js'
import type { ConnectionStatus, RealtimeTransport, Topic } from './transport.js'

/** What the tab with the connection tells all, itself too; or one of them. */
export type LeaderWord = (
  | { readonly kind: 'lead' }
  | { readonly kind: 'status'; readonly status: ConnectionStatus }
  | { readonly kind: 'subscribed'; readonly topic: string }
  | { readonly kind: 'refused'; readonly topic: string; readonly error: PlainError }
  | { readonly kind: 'message'; readonly topic: string; readonly raw: unknown; readonly bytes: number | undefined }
) & { readonly to?: string | undefined }

/** An error as it is cloned: of a class of our own only the message would be left. */
type PlainError = Pick<UploadError, 'code' | 'message'> & UploadErrorDetails

/** The connection of this tab, on behalf of all. */
export interface Leader {
  /** All that a tab wants to follow from now on. */
  follow(tab: string, topics: readonly Topic[]): void
  wake(): void
  /** Tells all how the connection stands. */
  tellStatus(): void
  dispose(): void
}

interface Followed {
  readonly tabs: Set<string>
  /** What was told of it last: a tab that comes later has to hear it. */
  state: LeaderWord | undefined
  unsubscribe(): void
}

/** Topics that one tab may follow: far more than uploads are worked on at a time, for of what is left out nobody hears. */
const MAX_TOPICS = 10_000
/** Longest name of a topic. */
const MAX_NAME = 250

export const nameOf = (topic: Topic) => (topic.kind === 'all' ? 'all' : `${topic.kind}:${topic.id}`)

export function createLeader(transport: RealtimeTransport, tell: (word: LeaderWord, tabs?: ReadonlySet<string>) => void): Leader {
  const topics = new Map<string, Followed>()
  const tellStatus = () => tell({ kind: 'status', status: transport.$connection.get() })
  const forget = transport.$connection.listen(tellStatus)

  function begin(topic: Topic, tab: string): void {
    const name = nameOf(topic)
    const tabs = new Set([tab])
    const followed: Followed = { tabs, state: undefined, unsubscribe() {} }
    const state = (word: LeaderWord) => tell((followed.state = word), tabs)
    topics.set(name, followed)
    followed.unsubscribe = transport.subscribe(topic, {
      onMessage: (raw, bytes) => tell({ kind: 'message', topic: name, raw, bytes }, tabs),
      onSubscribed: () => state({ kind: 'subscribed', topic: name }),
      onRefused: (error) => state({ kind: 'refused', topic: name, error: Object.assign({ message: error.message }, error) }),
    })
  }

  return {
    follow(tab, wanted) {
      const names = new Set<string>()
      for (const topic of wanted.slice(0, MAX_TOPICS)) {
        const name = nameOf(topic)
        if (name.length > MAX_NAME) continue
        names.add(name)
        const known = topics.get(name)
        if (known === undefined) begin(topic, tab)
        else if (!known.tabs.has(tab)) {
          known.tabs.add(tab)
          if (known.state !== undefined) tell({ ...known.state, to: tab })
        }
      }
      for (const [name, { tabs, unsubscribe }] of topics) {
        if (names.has(name) || !tabs.delete(tab) || tabs.size > 0) continue
        topics.delete(name)
        unsubscribe()
      }
    },
    wake: transport.wake,
    tellStatus,
    dispose() {
      forget()
      transport.dispose()
    },
  }
}

export const toError = ({ code, message, ...details }: PlainError) => new UploadError(code, message, details)
