import type { Environment } from '../environment.js'
import { toUploadError, UploadError } from '../errors.js'
import { sanitizeText } from '../protocol/index.js'
import type { Connection } from './connection.js'
import type { Topic, TopicHandlers } from './transport.js'

/** What is read of a frame. */
export interface StompFrame {
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
  readonly binaryBody?: Uint8Array
}

/** Of a WebSocket or SockJS. */
export interface CloseEvent {
  /** The other end has ended it in good order. */
  readonly wasClean?: boolean
}

/** What is used of a connected client to follow something. */
export interface StompSession {
  readonly connected: boolean
  subscribe(
    destination: string,
    onMessage: (message: StompFrame) => void,
    headers: Record<string, string>,
  ): {
    unsubscribe(): void
  }
  watchForReceipt(receiptId: string, onReceipt: () => void): void
}

/** All that is followed, over one connection after the other. */
export interface StompSubscriptions {
  isEmpty(): boolean
  add(topic: Topic, handlers: TopicHandlers): () => void
  connected(session: StompSession): void
  /** An ERROR frame came. */
  failed(frame: StompFrame): void
  /** The connection is over; without an event where it was ended here. */
  closed(event?: CloseEvent): void
  /** The broker does not let anyone in. */
  refuseAll(error: UploadError): void
  /** Unsubscribes from everything. */
  clear(): void
}

interface Subscription {
  readonly destination: string
  readonly handlers: TopicHandlers
  /** On the present connection. */
  asked: Asked | undefined
  /** How often in a row the broker has hung up instead of answering. */
  hangUps: number
  /** It waits for the next round. */
  isRefused: boolean
  /** Told once, until it is subscribed. */
  isRefusalTold: boolean
  /** Nobody follows it any more. */
  isLeft: boolean
}

interface Asked {
  readonly receipt: string
  unsubscribe(): void
  cancelTimer(): void
}

/** A broker that gives no receipts has subscribed after this long, in milliseconds; and after this long where it is known that it gives none. */
const RECEIPT_MS = { first: 5000, later: 250 }
/** When what was refused is asked for again, in milliseconds. Rarely: many a broker ends the whole connection for it. */
const REFUSED_MS = 60_000
/** A broker that hangs up this often when it is asked for a destination refuses it. The first time it may have been stopped. */
const MAX_HANG_UPS = 2

/**
 * Subscribes with a receipt: only its answer says that the broker has done it. A broker that refuses says so by an ERROR frame, which may name the
 * receipt, and goes on or hangs up; or it hangs up without a word. All do one thing after the other, so that it is about the oldest one that was not answered.
 */
export function createStompSubscriptions(
  { clock, createId }: Pick<Environment, 'clock' | 'createId'>,
  connection: Connection,
  destinationOf: (topic: Topic) => string,
): StompSubscriptions {
  const all = new Set<Subscription>()
  /** Not answered yet, oldest first. */
  const waiting = new Set<Subscription>()
  let followed = 0
  let session: StompSession | undefined
  /** On this connection, so that it explains the end. */
  let isErrorTold = false
  let cancelRound: (() => void) | undefined
  let receiptMs = RECEIPT_MS.first

  function ask(subscription: Subscription): void {
    if (session?.connected !== true || subscription.asked !== undefined || subscription.isRefused) return
    const receipt = createId()
    const askedAt = clock.now()
    session.watchForReceipt(receipt, () => {
      receiptMs = RECEIPT_MS.first
      connection.answered(askedAt)
      // RabbitMQ gives one for what it has refused, too.
      if (waiting.has(subscription)) confirmed(subscription, asked)
    })
    const held = session.subscribe(subscription.destination, (message) => deliver(subscription, asked, message), { receipt })
    const asked: Asked = {
      receipt,
      unsubscribe: () => held.unsubscribe(),
      cancelTimer: clock.setTimeout(() => {
        if (connection.$status.get().latency === null) receiptMs = RECEIPT_MS.later
        confirmed(subscription, asked)
      }, receiptMs),
    }
    subscription.asked = asked
    waiting.add(subscription)
  }

  function confirmed(subscription: Subscription, asked: Asked): void {
    if (subscription.asked !== asked || isConfirmed(subscription)) return
    subscription.hangUps = 0
    subscription.isRefused = subscription.isRefusalTold = false
    answered(subscription)
    if (subscription.isLeft) forget(subscription)
    else subscription.handlers.onSubscribed()
  }

  const isConfirmed = (subscription: Subscription) =>
    subscription.asked !== undefined && !subscription.isRefused && !waiting.has(subscription)

  /** Whatever the answer is. The connection is of use when everything has one: until then words may pass by. */
  function answered(subscription: Subscription): void {
    subscription.asked?.cancelTimer()
    waiting.delete(subscription)
    settle()
  }

  /** Whom the broker may hang up for goes alone and last, so that it neither takes the others with it nor is mistaken for one of them. */
  function settle(): void {
    if (session === undefined || waiting.size > 0) return
    for (const suspect of all) {
      if (suspect.hangUps > 0) ask(suspect)
      if (waiting.size > 0) return
    }
    connection.set({ status: 'connected', reconnectAttempts: 0 })
  }

  function deliver(subscription: Subscription, asked: Asked, message: StompFrame): void {
    if (subscription.asked !== asked || subscription.isLeft) return
    // Better than any receipt.
    confirmed(subscription, asked)
    const { body } = message
    const bytes = message.binaryBody?.length ?? body.length
    connection.received(bytes)
    subscription.handlers.onMessage(body, bytes)
  }

  // -- what is refused -----------------------------------------------------------------------------------------------------------------

  function failed(frame: StompFrame): void {
    isErrorTold = true
    const receipt = frame.headers['receipt-id']
    const [oldest] = waiting
    const about = receipt === undefined ? oldest : [...waiting].find(({ asked }) => asked?.receipt === receipt)
    // Else it is about something that is not ours.
    if (about !== undefined) refuse(about, stompError('the subscription', frame))
  }

  function refuse(subscription: Subscription, error: UploadError): void {
    subscription.isRefused = true
    answered(subscription)
    if (subscription.isLeft) return forget(subscription)
    cancelRound ??= clock.setTimeout(nextRound, REFUSED_MS)
    tellRefusal(subscription, error)
  }

  function tellRefusal(subscription: Subscription, error: UploadError): void {
    if (subscription.isRefusalTold) return
    subscription.isRefusalTold = true
    subscription.handlers.onRefused(error)
  }

  function nextRound(): void {
    cancelRound = undefined
    for (const subscription of all) {
      if (!subscription.isRefused) continue
      subscription.isRefused = false
      subscription.asked = undefined
      ask(subscription)
    }
  }

  // -- coming and going ----------------------------------------------------------------------------------------------------------------

  function leave(subscription: Subscription): void {
    if (subscription.isLeft) return
    followed -= 1
    subscription.isLeft = true
    // Whether there is anything to unsubscribe from is known with the answer: the broker takes offence at what it does not know.
    if (!waiting.has(subscription)) forget(subscription)
  }

  function forget(subscription: Subscription): void {
    all.delete(subscription)
    if (isConfirmed(subscription)) subscription.asked?.unsubscribe()
    subscription.asked = undefined
    if (all.size > 0) return
    cancelRound?.()
    cancelRound = undefined
  }

  function closed({ wasClean = false }: CloseEvent = {}): void {
    session = undefined
    const isHangUp = wasClean && !isErrorTold
    const [suspect] = waiting
    for (const subscription of all) {
      subscription.asked?.cancelTimer()
      subscription.asked = undefined
      if (subscription.isLeft) forget(subscription)
    }
    waiting.clear()
    isErrorTold = false
    if (!isHangUp || suspect === undefined || suspect.isLeft) return
    suspect.hangUps += 1
    if (suspect.hangUps < MAX_HANG_UPS) return
    refuse(suspect, new UploadError('auth', `The broker hangs up when it is asked for ${sanitizeText(suspect.destination, 300)}.`))
  }

  return {
    isEmpty: () => followed === 0,
    add(topic, handlers) {
      let destination: string
      try {
        destination = destinationOf(topic)
      } catch (error) {
        handlers.onRefused(toUploadError(error, 'validation'))
        return () => {}
      }
      const flags = { isRefused: false, isRefusalTold: false, isLeft: false }
      const subscription: Subscription = { destination, handlers, asked: undefined, hangUps: 0, ...flags }
      all.add(subscription)
      followed += 1
      ask(subscription)
      return () => leave(subscription)
    },
    connected(connected) {
      session = connected
      for (const subscription of all) if (subscription.hangUps === 0) ask(subscription)
      settle()
    },
    failed,
    closed,
    refuseAll(error) {
      for (const subscription of all) tellRefusal(subscription, error)
    },
    clear() {
      for (const subscription of all) {
        subscription.isLeft = true
        if (!subscription.isRefused) subscription.asked?.unsubscribe()
      }
      followed = 0
      closed()
    },
  }
}

/** What an ERROR frame refuses, in one sentence. */
export function stompError(what: string, { headers, body }: StompFrame): UploadError {
  const said = sanitizeText(`${headers['message'] ?? ''}: ${body}`.replaceAll(/\s+/g, ' ').trim(), 500)
  return new UploadError('auth', `The broker refused ${what}: ${said}`)
}
