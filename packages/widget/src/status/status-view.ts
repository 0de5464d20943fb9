import type { ConnectionStatus, UploadError } from '@upload-panel/core'
import { epochMs, healthParts, type HealthSigns, type SystemHealth } from '@upload-panel/core/protocol'
import type { PerformanceMetrics, SubscriptionMetrics } from '@upload-panel/core/status'
import type { Messages } from '../messages/messages.js'
import { sayError } from '../messages/say-error.js'
import { line, sentence } from '../text/server-words.js'

/** Green, yellow, red, or the colour of what is not known yet. */
export type Light = 'good' | 'warning' | 'bad' | 'none'

/** A term and its value. */
export interface Fact {
  readonly term: string
  readonly value: string
}

export interface ConnectionView {
  readonly light: Light
  readonly word: string
  /** Latency while it holds, the attempt while it is tried again, and why where there is none. */
  readonly figure: string | undefined
  readonly facts: readonly Fact[]
  /** What is done meanwhile. */
  readonly note: string | undefined
  /** What is wrong, as sentences. */
  readonly problem: string | undefined
}

/** Time of day of an ISO time; `undefined` where it is none. */
export function clockOf(time: string, { formats }: Messages): string | undefined {
  const ms = epochMs(time)
  return ms === undefined ? undefined : formats.clock(new Date(ms))
}

/** Names that are the same in every language. */
const TRANSPORTS: Readonly<Record<string, string>> = {
  sse: 'Server-Sent Events',
  'socket-io': 'Socket.IO',
  stomp: 'STOMP',
  supabase: 'Supabase',
}

/** How the connection stands: green with its latency, yellow with the attempt, red with the error. Pure. */
export function viewConnection(connection: ConnectionStatus, error: UploadError | undefined, messages: Messages): ConnectionView {
  const { status: words, formats } = messages
  const { transport, latency, lastPing, reconnectAttempts, polling } = connection
  const { light, word } = lightOf(connection, error, messages)
  const attempt = reconnectAttempts > 0 ? words.attempt(formats.count(reconnectAttempts)) : undefined
  const latencyText = latency === null ? undefined : formats.milliseconds(latency)
  const problem = error === undefined ? undefined : sentence(sayError(error, messages))
  return {
    light,
    word,
    figure: light === 'good' ? latencyText : light === 'warning' ? attempt : light === 'bad' ? problem : undefined,
    facts: [
      {
        term: words.transport,
        value: transport === 'polling' ? words.polling : transport === 'none' ? words.unknown : (TRANSPORTS[transport] ?? line(transport)),
      },
      { term: words.latency, value: latencyText ?? words.unknown },
      { term: words.lastHeard, value: clockOf(lastPing, messages) ?? words.unknown },
      ...(attempt === undefined ? [] : [{ term: messages.connection.reconnecting, value: attempt }]),
    ],
    note: polling && transport !== 'polling' ? messages.connection.polling : undefined,
    problem: problem && (light === 'good' ? problem : `${problem} ${words.stale}`),
  }
}

function lightOf(
  { status, transport, lastPing, reconnectAttempts }: ConnectionStatus,
  error: UploadError | undefined,
  { connection, status: words }: Messages,
): { readonly light: Light; readonly word: string } {
  if (status === 'connected') return { light: 'good', word: transport === 'polling' ? words.polling : connection.live }
  const isFirst = lastPing === '' && reconnectAttempts === 0 && error === undefined
  if (status === 'error' || (status === 'disconnected' && !isFirst)) return { light: 'bad', word: connection.lost }
  return isFirst ? { light: 'none', word: connection.connecting } : { light: 'warning', word: connection.reconnecting }
}

export interface HealthPartView {
  readonly label: string
  readonly weight: string
  readonly value: string
  /** 0..1; `undefined`: not known, and not counted. */
  readonly fraction: number | undefined
}

export interface HealthView {
  readonly light: Light
  readonly word: string
  readonly score: string
  readonly scoreOf: string
  readonly fraction: number
  readonly parts: readonly HealthPartView[]
}

const HEALTH_LIGHTS: Readonly<Record<SystemHealth['status'], Light>> = { healthy: 'good', warning: 'warning', critical: 'bad' }

export function viewHealth({ status, score }: SystemHealth, signs: HealthSigns, { status: words, formats }: Messages): HealthView {
  // That nothing failed says little where nothing was heard.
  const isUnknown = signs.errorRate === null && signs.connected !== null && signs.connected < 0.5
  return {
    light: isUnknown ? 'none' : HEALTH_LIGHTS[status],
    word: isUnknown ? words.unknown : words.healthIs[status],
    score: formats.count(score),
    scoreOf: words.score(formats.count(score)),
    fraction: score / 100,
    parts: healthParts(signs).map(({ sign, weight, value }) => ({
      label: words.part[sign],
      weight: words.weight(formats.percent(weight / 100)),
      value: value === null ? words.unknown : formats.percent(value),
      fraction: value ?? undefined,
    })),
  }
}

export function viewMetrics(metrics: PerformanceMetrics, { status: words, formats }: Messages): readonly Fact[] {
  const { totalOperations, successRate, avgDuration, peakConcurrency, throughput } = metrics
  return [
    { term: words.total, value: formats.count(totalOperations) },
    { term: words.successRate, value: successRate === null ? words.unknown : formats.share(successRate) },
    { term: words.duration, value: avgDuration === null ? words.unknown : briefly(avgDuration, formats) },
    { term: words.perMinute, value: formats.count(throughput) },
    { term: words.peak, value: formats.count(peakConcurrency) },
  ]
}

const briefly = (ms: number, formats: Messages['formats']) => (ms < 1000 ? formats.milliseconds(ms) : formats.duration(ms / 1000))

/** The change of the error rate in words; `undefined` as long as there is nothing to compare with. */
export function viewTrend(
  trend: number | null,
  { status: words, formats }: Messages,
): { readonly light: Light; readonly word: string } | undefined {
  if (trend === null) return undefined
  if (Math.abs(trend) < 0.0005) return { light: 'none', word: words.steady }
  const share = formats.share(Math.abs(trend))
  return trend > 0 ? { light: 'bad', word: words.rising(share) } : { light: 'good', word: words.falling(share) }
}

export interface SubscriptionView {
  readonly topic: string
  readonly light: Light
  readonly state: string
  /** Messages, a minute's, bytes, latency, slowest, errors: as the table has its columns. */
  readonly figures: readonly string[]
}

export function viewSubscription(subscription: SubscriptionMetrics, messages: Messages): SubscriptionView {
  const { status: words, formats } = messages
  const { topic, isSubscribed, error, messages: count, messagesPerMinute, bytes, latency, p95Latency, errorRate } = subscription
  const ms = (value: number | null) => (value === null ? '–' : formats.milliseconds(value))
  return {
    topic: topic.kind === 'all' ? words.allOperations : words[topic.kind](line(topic.id)),
    light: error ? 'bad' : isSubscribed ? 'good' : 'warning',
    state: error ? sentence(sayError(error, messages)) : isSubscribed ? words.following : messages.connection.polling,
    figures: [
      formats.count(count),
      formats.count(messagesPerMinute),
      formats.bytes(bytes),
      ms(latency),
      ms(p95Latency),
      errorRate === null ? '–' : formats.share(errorRate),
    ],
  }
}
