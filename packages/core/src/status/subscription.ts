import type { Clock } from '../clock.js'
import type { UploadError } from '../errors.js'
import type { Topic } from '../realtime/transport.js'
import { createMinuteCount } from './minute-count.js'
import { createSamples, quantile } from './samples.js'

/** What came by one subscription since it was made. */
export interface SubscriptionMetrics {
  readonly topic: Topic
  /** Whether it holds: words come. */
  readonly isSubscribed: boolean
  /** Why the server refused it. */
  readonly error: UploadError | undefined
  readonly messages: number
  readonly messagesPerMinute: number
  /** As far as the transport knows the size of its messages. */
  readonly bytes: number
  /** From the server's word to its arrival, median and 95th percentile of the last 100, milliseconds; `null` while the clocks' difference is not known. */
  readonly latency: number | null
  readonly p95Latency: number | null
  /** Messages that made no sense, 0..1; `null` before the first. */
  readonly errorRate: number | null
}

/** A topic that somebody wants to know about, and how far it is known. */
export interface Subscription {
  readonly topic: Topic
  /** The place in the order of changes up to which they were fetched. */
  cursor: string | undefined
  isFetchWanted: boolean
  isSubscribed: boolean
  error: UploadError | undefined
  unsubscribe: (() => void) | undefined
  received(bytes: number): void
  dropped(): void
  /** Whether it is time to measure how long a word took: of thousands a second a few tell as much. */
  isSampleDue(): boolean
  /** `null`: it is not known. */
  tookAfter(ms: number | null): void
  latencies(): readonly number[]
  read(): SubscriptionMetrics
}

const SAMPLE_MS = 20

export function newSubscription(clock: Clock, topic: Topic): Subscription {
  const perMinute = createMinuteCount(clock)
  const samples = createSamples()
  let messages = 0
  let bytes = 0
  let dropped = 0
  let sampleAt = -Infinity
  const subscription: Subscription = {
    topic,
    cursor: undefined,
    isFetchWanted: true,
    isSubscribed: false,
    error: undefined,
    unsubscribe: undefined,
    received(size) {
      messages += 1
      bytes += size
      perMinute.add()
    },
    dropped() {
      dropped += 1
    },
    isSampleDue: () => clock.now() >= sampleAt,
    tookAfter(ms) {
      if (ms === null) return
      samples.add(ms)
      sampleAt = clock.now() + SAMPLE_MS
    },
    latencies: samples.all,
    read() {
      const { isSubscribed, error } = subscription
      return {
        topic,
        isSubscribed,
        error,
        messages,
        messagesPerMinute: perMinute.read(),
        bytes,
        latency: quantile(samples.all(), 0.5),
        p95Latency: quantile(samples.all(), 0.95),
        errorRate: messages === 0 ? null : dropped / messages,
      }
    },
  }
  return subscription
}
