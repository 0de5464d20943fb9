import { isRecord, SYNC_STATUS_EVENT, type SyncStatusUpdate } from '@upload-panel/core/protocol'
import type { Logger } from '../logger.js'
import type { OperationRecord } from '../records/operation-records.js'
import { hintOf } from './hint.js'
import type { PublisherContext, StatusPublisher } from './publisher.js'
import { type Broadcast, type BroadcastMessage, createBroadcast } from './supabase-broadcast.js'
import { type PublishedTopic, topicsOf } from './topic.js'

export type { PublishedTopic } from './topic.js'

interface SupabasePublisherCommon {
  /** Names it where there are several. @default 'supabase' */
  readonly name?: string
  /**
   * Names of topics, as pages have them in their option of this name; nothing is told where it is `null`.
   * @default `job:<id>`, `upload:<id>`, `all:<subject>`
   */
  readonly topic?: (topic: PublishedTopic) => string | null
  /** @default 'sync-status' */
  readonly event?: string
  /** Whether policies say who may listen. @default true */
  readonly private?: boolean
  /**
   * Most that a project takes for one word, bytes: projects of the smallest plan take 256 kB, others 3 MB. Of a larger word only that there is one is told,
   * and pages read it from the snapshot.
   * @default 250000
   */
  readonly maxPayloadBytes?: number
  /** How long an answer may take, milliseconds. @default 10000 */
  readonly timeoutMs?: number
}

/** What is used of the client of supabase-js 2 that a server has, made with the secret key. */
export interface SupabasePublisherClient {
  readonly realtime: {
    readonly httpEndpoint: string
    readonly apiKey: string | null
    readonly fetch: typeof fetch
  }
}

export interface SupabasePublisherOptionsWithClient extends SupabasePublisherCommon {
  readonly client: SupabasePublisherClient
}

export interface SupabasePublisherOptionsWithUrl extends SupabasePublisherCommon {
  /** The project, such as `https://abcdefgh.supabase.co`. */
  readonly url: string | undefined
  /** Its secret key (`sb_secret_…`, or the older `service_role`). Never one that pages have. */
  readonly key: string | undefined
  /** @default the global one */
  readonly fetch?: typeof fetch
}

export type SupabasePublisherOptions = SupabasePublisherOptionsWithClient | SupabasePublisherOptionsWithUrl

/** A publisher that needs little of its server. */
export interface SupabasePublisher extends StatusPublisher {
  open(context: Pick<PublisherContext, 'clock' | 'logger'>): Promise<void>
}

/** A message, and the word that it tells. */
interface Told {
  readonly key: string
  readonly word: SyncStatusUpdate
  readonly message: BroadcastMessage
  readonly bytes: number
}

/** Most of one call: messages, as Supabase has it, and bytes, so that no proxy minds. */
const CALL = { messages: 100, bytes: 1_000_000 }
/** More than a hint takes. */
const HINT_BYTES = 2000

/**
 * Tells words by Supabase's broadcast, over HTTP, in few calls. It answers 202 also where nobody listens, and where the sender may not send to a private topic:
 * so the secret key is asked for, which may.
 *
 * @example supabasePublisher({ url: 'https://abcdefgh.supabase.co', key: process.env.SUPABASE_SECRET_KEY })
 * @throws `TypeError` where an option is wrong
 */
export function supabasePublisher(options: SupabasePublisherOptions): SupabasePublisher {
  const { name = 'supabase', topic = topicName, event = SYNC_STATUS_EVENT, private: isPrivate = true } = options
  const { maxPayloadBytes = 250_000, timeoutMs = 10_000 } = options
  const target = 'client' in options ? targetOfClient(options.client) : targetOfProject(options)
  let opened: { readonly broadcast: Broadcast; readonly logger: Logger } | undefined
  /** Of a batch that could not be told as a whole: what was told nevertheless. */
  let told: ReadonlySet<string> = new Set()

  function messagesOf(record: OperationRecord): readonly Told[] {
    const size = bytesOf(record.word)
    const [word, bytes] = size <= maxPayloadBytes ? [record.word, size] : [hintOf(record.word), HINT_BYTES]
    return topicsOf(record).flatMap((one) => {
      const name = topic(one)
      return name === null ? [] : [{ key: `${record.word.version} ${name}`, word, message: messageTo(name, word), bytes }]
    })
  }

  const messageTo = (name: string, word: SyncStatusUpdate): BroadcastMessage => ({ topic: name, event, payload: word, private: isPrivate })

  /** What is refused is found by halves. What is refused alone is told as a mere hint, and left out if that is refused, too: it must not hold up all others. */
  async function send({ broadcast, logger }: NonNullable<typeof opened>, some: readonly Told[], done: Set<string>): Promise<void> {
    if ((await broadcast.send(some.map(({ message }) => message))) === 'sent') {
      for (const { key } of some) done.add(key)
      return
    }
    const [first, ...others] = some
    if (first === undefined) return
    if (others.length > 0) {
      const half = Math.ceil(some.length / 2)
      await send({ broadcast, logger }, some.slice(0, half), done)
      return send({ broadcast, logger }, some.slice(half), done)
    }
    const { key, word, message } = first
    if (word.version !== undefined) {
      const hint = hintOf(word)
      return send({ broadcast, logger }, [{ ...first, word: hint, message: messageTo(message.topic, hint) }], done)
    }
    logger.error(`Supabase does not take a word on operation ${word.operation_id}, for what is in it. Pages read it from the snapshot.`)
    done.add(key)
  }

  return {
    name,
    reach: 'cluster',
    async open({ clock, logger }) {
      opened = { broadcast: createBroadcast({ ...target, timeoutMs, clock }), logger }
    },
    async publish(records) {
      if (opened === undefined) throw new Error('The publisher is not open.')
      const all = records.flatMap(messagesOf)
      const done = new Set(all.flatMap(({ key }) => (told.has(key) ? [key] : [])))
      try {
        for (const some of callsOf(all.filter(({ key }) => !done.has(key)))) await send(opened, some, done)
        told = new Set()
      } catch (error) {
        told = done
        throw error
      }
    },
    close: () => opened?.broadcast.close(),
  }
}

/** As the transport of the page names them. */
function topicName({ kind, id }: PublishedTopic): string {
  return `${kind === 'operation' ? 'upload' : kind}:${id}`
}

const bytesOf = (value: object) => Buffer.byteLength(JSON.stringify(value))

/** In order, and none empty. */
function callsOf(all: readonly Told[]): readonly (readonly Told[])[] {
  const calls: Told[][] = []
  let size = 0
  for (const one of all) {
    const last = calls.at(-1)
    if (last !== undefined && last.length < CALL.messages && size + one.bytes <= CALL.bytes) {
      last.push(one)
      size += one.bytes
    } else {
      calls.push([one])
      size = one.bytes
    }
  }
  return calls
}

interface Target {
  readonly endpoint: string
  readonly key: string
  readonly fetch: typeof fetch
}

function targetOfProject({ url, key, fetch: givenFetch }: SupabasePublisherOptionsWithUrl): Target {
  if (url === undefined || !URL.canParse(url) || !/^https?:/.test(url))
    throw new TypeError('`url` has to be the address of a Supabase project: `https://….supabase.co`.')
  const endpoint = `${url.replace(/\/+$/, '')}/realtime/v1/api/broadcast`
  // Asked for late, so that what is put in its place is used.
  return { endpoint, key: secretKey(key), fetch: givenFetch ?? ((...request) => fetch(...request)) }
}

function targetOfClient({ realtime }: SupabasePublisherClient): Target {
  return { endpoint: realtime.httpEndpoint, key: secretKey(realtime.apiKey), fetch: realtime.fetch }
}

/** Supabase drops what a key that pages have sends to private topics, and answers as if it had not. */
function secretKey(key: string | null | undefined): string {
  if (!key) throw new TypeError('supabasePublisher needs the project’s secret key. Is the variable set from which it comes?')
  if (key.startsWith('sb_publishable_') || roleOf(key) === 'anon') {
    throw new TypeError(
      'supabasePublisher needs the project’s secret key: this one is for pages, and Supabase drops what it sends to private topics.',
    )
  }
  return key
}

function roleOf(key: string): unknown {
  try {
    const claims: unknown = JSON.parse(Buffer.from(key.split('.')[1] ?? '', 'base64url').toString())
    return isRecord(claims) ? claims['role'] : undefined
  } catch {
    return undefined
  }
}
