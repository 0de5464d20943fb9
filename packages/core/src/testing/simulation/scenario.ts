/** One run of the simulation: the circumstances, and what happens one after the other. Plain data, so that it can be drawn, shrunk and printed. */
export interface Scenario {
  readonly setting: Setting
  readonly steps: readonly Step[]
}

/** What holds for a whole run. */
export interface Setting {
  /** For all that is left to chance: jitter, and which writer's clock stamps a word. */
  readonly seed: number
  /** Bytes of the files that are added first. */
  readonly sizes: readonly number[]
  readonly concurrency: number
  readonly requestSlots: number
  readonly attempts: number
  readonly processingDeadlineMs: number
  /** What is kept for the next page: nothing; the queue, shared by tabs; that without bytes; or the queue where there are no Web Locks. */
  readonly persistence: 'none' | 'tabs' | 'tabs without files' | 'no locks'
  /** The page's own hooks: none; slow ones; ones that refuse some files; or one that makes another file, half as long. */
  readonly hooks: 'none' | 'slow' | 'refusing' | 'halving'
  /** Whether the transport's word may be believed. */
  readonly authoritative: boolean
  /** The server leaves `version` away, as a sender that knows only the required fields does. The memory server alone. */
  readonly isUnversioned: boolean
  /** Words carry times of this resolution: with `Infinity` all carry the same. The memory server alone. */
  readonly stampMs: number
  /** How far the clocks of the server's processes are from ours, in milliseconds; each word is stamped by one of them. */
  readonly skewsMs: readonly number[]
  /** One way of a request or an answer, in milliseconds. */
  readonly latencyMs: number
  /** How long one byte takes, in milliseconds. */
  readonly byteMs: number
  /** How long the server works on a file, in milliseconds. */
  readonly workMs: number
  /** How long a signed address lasts, in seconds. */
  readonly urlExpiresS: number
  /** Whether realtime works again in the end. */
  readonly isRealtimeHealed: boolean
  /** Whether the user does in the end what only a user can do: tries again after signing in, and gives files again. Else what waits for that may wait. */
  readonly isUserThere: boolean
}

/** What a request asks for: bytes into storage, or a call of the API. */
export type Route = 'bytes' | 'createUploads' | 'signParts' | 'listParts' | 'complete' | 'cancel' | 'retry' | 'snapshot' | 'probe'

/** What becomes of one request. */
export type Fate =
  /** The connection breaks before the server has heard of it. */
  | 'lost'
  /** The server acts, and its answer does not come back. */
  | 'answer lost'
  /** The connection breaks in the middle of the body. */
  | 'reset'
  /** Three seconds more until the server acts, or until its answer is there. */
  | 'slow'
  | 'slow answer'
  /** Nothing ever answers. */
  | 'hangs'
  /** Something on the way answers 200 and a page to sign in to the network. */
  | 'page of a hotel'
  /** The server or a proxy answers with a status and does nothing. */
  | 401
  | 403
  | 408
  | 429
  | 500
  | 502
  | 503

/** What becomes of one realtime message. `bare` comes without its version; the forged ones are somebody else's, before the true one. */
export type MessageFate = 'lost' | 'twice' | 'late' | 'bare' | 'forged end' | 'forged progress' | 'garbage'

export type Step = {
  /** Time that passes first, in milliseconds. */
  readonly after: number
} & (
  | { readonly do: 'request'; readonly route: Route; readonly fate: Fate }
  | { readonly do: 'message'; readonly fate: MessageFate }
  /** `which` picks one of what there is at that moment. */
  | { readonly do: 'server'; readonly which: number; readonly says: ServerWord }
  /** How the server's next work on a file ends. */
  | { readonly do: 'work'; readonly ends: WorkEnd }
  | { readonly do: 'world'; readonly what: WorldChange }
  /** For a while an origin answers everybody 429 or 503. */
  | {
      readonly do: 'storm'
      readonly origin: 'api' | 'storage'
      readonly status: 429 | 503
      readonly retryAfter: 'none' | 'seconds' | 'date'
      readonly ms: number
    }
  | { readonly do: 'page'; readonly which: number; readonly what: PageChange }
  | { readonly do: 'user'; readonly which: number; readonly what: UserAct; readonly number: number }
)

export type ServerWord = 'progress' | 'completed' | 'failed' | 'revoked' | 'reopened'
export type WorkEnd = 'fails' | 'fails for good' | 'never'
export type WorldChange =
  | 'offline'
  /** The network is gone, and the browser has not noticed. */
  | 'offline unnoticed'
  | 'online'
  | 'server down'
  | 'server up'
  | 'disk full'
  | 'disk has room'
  /** The browser keeps no more for this origin. */
  | 'browser full'
  | 'browser has room'
  | 'token expires'
  | 'signed out'
  | 'signed in'
  | 'realtime breaks'
  | 'realtime works'
export type PageChange =
  | 'second tab'
  /** The page goes and another one comes in the same tab, which has told the first one to hide. */
  | 'reload'
  /** The page disposes of its uploader, and goes. */
  | 'left'
  /** The tab dies, and the user opens another one. */
  | 'killed'
  | 'asleep'
  /** Into the back/forward cache: hidden, and asleep. */
  | 'cached'
  | 'wakes'
  | 'looked at'
  | 'clock set back'
  | 'clock set forward'
export type UserAct =
  | 'add'
  | 'pause'
  | 'resume'
  | 'pause all'
  | 'resume all'
  | 'cancel'
  | 'retry'
  | 'retry all'
  | 'remove'
  | 'move'
  | 'set priority'
  | 'give file'
  | 'give other file'
  | 'lose file'
