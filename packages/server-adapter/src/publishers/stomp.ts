import type { Clock } from '../clock.js'
import { createId } from '../create-id.js'
import type { Logger } from '../logger.js'
import type { OperationRecord } from '../records/operation-records.js'
import { hintOf } from './hint.js'
import type { PublisherContext, StatusPublisher } from './publisher.js'
import { destinationNames, type StompDestination } from './stomp-destinations.js'
import { ownLink, type StompAddress, type StompChannel, type StompLink, type StompPublisherClient, userLink } from './stomp-link.js'
import { topicsOf } from './topic.js'

export type { StompDestination, StompDestinations } from './stomp-destinations.js'
export type { StompAddress, StompChannel, StompFrame, StompPublisherClient } from './stomp-link.js'
export type { StompSocket } from './stomp-socket.js'
export type { PublishedTopic } from './topic.js'

interface StompPublisherCommon {
  /** Names it where there are several. @default 'stomp' */
  readonly name?: string
  /**
   * Where words are told, as pages have it in their option of this name. RabbitMQ wants dots:
   * `{ job: '/topic/job.{jobId}', operation: '/topic/upload.{operationId}', all: '/topic/all.{subject}' }`. Nothing is told where one is `null`.
   * @default { job: '/topic/job/{jobId}', operation: '/topic/upload/{operationId}', all: '/topic/all/{subject}' }
   */
  readonly destination?: StompDestination
  /**
   * What each message carries besides, such as `{ expiration: '60000' }`. With `persistent: 'true'` the broker is asked to confirm each single message, which it
   * does when the message is on its disk.
   * @default none
   */
  readonly headers?: Readonly<Record<string, string>>
  /** Whether the broker confirms messages. Of one that does not, such as Spring's simple broker, a word counts as taken when it is written to the socket. @default true */
  readonly receipts?: boolean
  /** How long the broker may take to let us in, and to confirm what it was told at once, milliseconds. Then it is told again. @default 10000 */
  readonly timeoutMs?: number
}

/** A client of yours, which you activate, and which connects again by itself. Its handlers are to be set before `createSyncServer`. It is never ended. */
export interface StompPublisherOptionsWithClient extends StompPublisherCommon {
  readonly client: StompPublisherClient
}

/** A connection of our own, made when there is something to say. */
export interface StompPublisherOptionsWithUrl extends StompPublisherCommon, StompAddress {}

export type StompPublisherOptions = StompPublisherOptionsWithClient | StompPublisherOptionsWithUrl

/** A publisher that needs little of its server. */
export interface StompPublisher extends StatusPublisher {
  open(context: Pick<PublisherContext, 'clock' | 'logger'>): Promise<void>
}

interface Frame {
  readonly destination: string
  readonly body: string
}

/** Most that the broker is told before it has confirmed: messages, and characters. */
const WINDOW = { frames: 500, size: 1_000_000 }
/** So many words in a row that are refused say that it is the channel, and not the words. */
const MOST_REFUSED = 3
/** Headers that are not the user's to set. */
const OWN_HEADERS = ['destination', 'receipt', 'content-length', 'content-type', 'transaction']

/**
 * Tells words to a STOMP broker, by `@stomp/stompjs`: RabbitMQ, ActiveMQ, Artemis, Spring. A word counts as told when the broker has confirmed it.
 *
 * @example
 * stompPublisher({ url: 'stomp://broker:61613', connectHeaders: { login: 'server', passcode } })
 * stompPublisher({ client })
 * @throws `TypeError` where an option is wrong
 */
export function stompPublisher(options: StompPublisherOptions): StompPublisher {
  const { name = 'stomp', headers = {}, receipts = true, timeoutMs = 10_000 } = options
  const wrong = Object.keys(headers).find((header) => OWN_HEADERS.includes(header.toLowerCase()))
  if (wrong !== undefined) throw new TypeError(`\`headers\` cannot set ${wrong}.`)
  const destinationOf = destinationNames(options.destination)
  const openLink = 'client' in options ? userLink(options.client, timeoutMs) : ownLink(options, timeoutMs)
  const messageHeaders = { 'content-type': 'application/json', ...headers }
  // What is to outlive the broker is written to its disk message by message. Of others the last one speaks for all, since a broker takes one after the other.
  const isEachConfirmed = headers['persistent'] === 'true'
  const receiptPrefix = createId()
  let receiptCount = 0
  let opened: { readonly link: StompLink; readonly clock: Clock; readonly logger: Logger } | undefined
  /** The broker has refused the last batch, or hung up on it: it may be for what is in it. */
  let isSuspicious = false

  function tell(channel: StompChannel, frames: readonly Frame[], link: StompLink, clock: Clock): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = new Set<string>()
      let isLate = false
      const cancelDeadline = clock.setTimeout(() => {
        isLate = true
        const hint = 'See that it is well, or set `receipts: false` if it never confirms.'
        link.drop(new Error(`The broker has not confirmed within ${timeoutMs / 1000} s. ${hint}`))
      }, timeoutMs)
      const stopListening = link.listen(settle)
      function settle(problem?: Error): void {
        cancelDeadline()
        stopListening()
        if (problem === undefined) resolve()
        else reject(isLate ? problem : new RefusedError(problem.message, { cause: problem }))
      }
      function confirmed(receipt: string): void {
        waiting.delete(receipt)
        if (waiting.size === 0) settle()
      }

      try {
        for (const [index, { destination, body }] of frames.entries()) {
          if (!receipts || (!isEachConfirmed && index < frames.length - 1)) {
            channel.publish({ destination, body, headers: messageHeaders })
            continue
          }
          receiptCount += 1
          const receipt = `${receiptPrefix}-${receiptCount}`
          waiting.add(receipt)
          channel.watchForReceipt(receipt, () => confirmed(receipt))
          channel.publish({ destination, body, headers: { ...messageHeaders, receipt } })
        }
        if (!receipts) settle()
      } catch (cause) {
        settle(new Error('The connection to the broker was lost a moment ago.', { cause }))
      }
    })
  }

  async function tellFrames(all: readonly Frame[]): Promise<void> {
    if (opened === undefined) throw new Error('The publisher is not open.')
    const { link, clock } = opened
    for (const frames of windows(all)) await tell(await link.connect(), frames, link, clock)
  }

  const tellAll = (records: readonly OperationRecord[]) => tellFrames(records.flatMap((record) => framesOf(record, destinationOf)))

  /** Finds what a broker never takes, such as a word that is too large: it must not hold up all others. Where all are refused it is not the words. */
  async function tellEach(records: readonly OperationRecord[]): Promise<void> {
    const refused: OperationRecord[] = []
    let isAnyTaken = false
    for (const [index, record] of records.entries()) {
      try {
        await tellAll([record])
        isAnyTaken = true
      } catch (error) {
        refused.push(record)
        const isLast = refused.length === MOST_REFUSED || index === records.length - 1
        if (!(error instanceof RefusedError) || (!isAnyTaken && isLast)) throw error
      }
    }
    for (const record of refused) await tellHint(record)
  }

  async function tellHint(record: OperationRecord): Promise<void> {
    try {
      await tellFrames(framesOf(record, destinationOf, hintOf(record.word)))
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error
      const { operation_id } = record.word
      opened?.logger.error(`The broker does not take a word on operation ${operation_id}. Pages read it from the snapshot.`, error)
    }
  }

  return {
    name,
    reach: 'cluster',
    async open({ clock, logger }) {
      opened = { link: openLink(clock), clock, logger }
    },
    async publish(records) {
      try {
        await (isSuspicious ? tellEach(records) : tellAll(records))
        isSuspicious = false
      } catch (error) {
        isSuspicious = error instanceof RefusedError
        throw error
      }
    },
    async close() {
      await opened?.link.close()
    },
  }
}

/** The broker has let us in, and then refused what it was told, or hung up. */
class RefusedError extends Error {
  override readonly name = 'RefusedError'
}

/** One word, or what is told in its place, to all who may follow it. */
function framesOf(
  record: OperationRecord,
  destinationOf: ReturnType<typeof destinationNames>,
  word: object = record.word,
): readonly Frame[] {
  const body = JSON.stringify(word)
  const destinations = new Set(topicsOf(record).map(destinationOf))
  return [...destinations].flatMap((destination) => (destination === null ? [] : [{ destination, body }]))
}

/** In order, and none empty. */
function windows(frames: readonly Frame[]): readonly (readonly Frame[])[] {
  const all: Frame[][] = []
  let size = Number.POSITIVE_INFINITY
  for (const frame of frames) {
    const last = all.at(-1)
    if (last !== undefined && last.length < WINDOW.frames && size + frame.body.length <= WINDOW.size) {
      last.push(frame)
      size += frame.body.length
    } else {
      all.push([frame])
      size = frame.body.length
    }
  }
  return all
}
