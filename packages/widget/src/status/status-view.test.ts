import { type ConnectionStatus, NOT_CONNECTED, UploadError } from '@upload-panel/core'
import { judgeHealth, type HealthSigns } from '@upload-panel/core/protocol'
import { describe, expect, it } from 'vitest'
import { english } from '../messages/english.js'
import { IDLE_STATUS } from '@upload-panel/core/status'
import { viewConnection, viewHealth, viewMetrics, viewSubscription, viewTrend } from './status-view.js'

const heard = { lastPing: '2026-01-01T00:00:00Z', transport: 'sse' }
const connection = (change: Partial<ConnectionStatus>, error?: UploadError) =>
  viewConnection({ ...NOT_CONNECTED, transport: 'sse', ...change }, error, english)
const unreached = new UploadError('server', 'Nobody is there')

describe('a connection', () => {
  it('that holds is green, with its latency', () => {
    expect(connection({ ...heard, status: 'connected', latency: 12 })).toMatchObject({ light: 'good', word: 'Live', figure: '12 ms' })
  })

  it('whose latency is not known has none', () => {
    const { figure, facts } = connection({ ...heard, status: 'connected' })
    expect(figure).toBe(undefined)
    expect(facts).toContainEqual({ term: 'Latency', value: 'Not known yet' })
  })

  it('that is tried again is yellow, with the attempt', () => {
    const view = connection({ ...heard, status: 'reconnecting', reconnectAttempts: 3, polling: true })
    expect(view).toMatchObject({ light: 'warning', figure: 'Attempt 3', note: 'Asking the server now and then' })
  })

  it.each(['error', 'disconnected'] as const)('that is lost (%s) is red, with the error and that what is shown is old', (status) => {
    expect(connection({ ...heard, status }, unreached)).toMatchObject({
      light: 'bad',
      word: 'Not connected',
      figure: 'Nobody is there.',
      problem: 'Nobody is there. What you see is the last that is known.',
    })
  })

  it.each(['reconnecting', 'disconnected'] as const)('that is made for the first time (%s) alarms nobody', (status) => {
    expect(connection({ status })).toMatchObject({ light: 'none', word: 'Connecting…', problem: undefined })
  })

  it('that was never made, and fails, is red', () => {
    expect(connection({ status: 'disconnected', transport: 'polling' }, unreached).light).toBe('bad')
  })

  it('by polling is not called live', () => {
    const view = connection({ ...heard, status: 'connected', transport: 'polling', polling: true })
    expect(view).toMatchObject({ light: 'good', word: 'Polling', note: undefined })
  })

  it('that holds, and of which a topic is refused, says only that', () => {
    expect(connection({ ...heard, status: 'connected' }, unreached)).toMatchObject({ light: 'good', problem: 'Nobody is there.' })
  })

  it('that was heard at no time that makes sense says that it is not known', () => {
    expect(connection({ status: 'connected', lastPing: 'yesterday' }).facts).toContainEqual({ term: 'Last heard', value: 'Not known yet' })
  })

  it('of an unknown kind is named as it names itself, as text', () => {
    expect(connection({ ...heard, transport: 'pig\u202eeon' }).facts[0]).toEqual({ term: 'Transport', value: 'pigeon' })
  })
})

describe('health', () => {
  const health = (signs: HealthSigns) => viewHealth(judgeHealth(signs, 0), signs, english)

  it.each([
    [0, 'good', 'Healthy'],
    [0.07, 'warning', 'Warning'],
    [0.3, 'bad', 'Critical'],
  ] as const)('with an error rate of %d is %s', (errorRate, light, word) => {
    expect(health({ errorRate, p95LatencyMs: 100, connected: 1 })).toMatchObject({ light, word })
  })

  it('says what its score is made of', () => {
    const { score, scoreOf, parts } = health({ errorRate: 0.5, p95LatencyMs: null, connected: 1 })
    expect([score, scoreOf]).toEqual(['60', '60 of 100'])
    expect(parts).toEqual([
      { label: 'Success', weight: 'counts 60%', value: '50%', fraction: 0.5 },
      { label: 'Quick updates', weight: 'counts 25%', value: 'Not known yet', fraction: undefined },
      { label: 'Time connected', weight: 'counts 15%', value: '100%', fraction: 1 },
    ])
  })

  it('of a server that was never heard is not called good', () => {
    expect(health({ errorRate: null, p95LatencyMs: null, connected: 0 })).toMatchObject({ light: 'none', word: 'Not known yet' })
  })
})

it('metrics that are not known are not zero', () => {
  const values = (change: object) => viewMetrics({ ...IDLE_STATUS.metrics, ...change }, english).map(({ value }) => value)
  expect(values({})).toEqual(['0', 'Not known yet', 'Not known yet', '0', '0'])
  expect(values({ totalOperations: 1200, successRate: 0.996, avgDuration: 450, throughput: 7, peakConcurrency: 40 })).toEqual([
    '1,200',
    '99.6%',
    '450 ms',
    '7',
    '40',
  ])
})

it('the trend of the error rate is a word and a light', () => {
  expect(viewTrend(null, english)).toBe(undefined)
  expect(viewTrend(0, english)).toEqual({ light: 'none', word: 'steady' })
  expect(viewTrend(0.031, english)).toEqual({ light: 'bad', word: 'up 3.1%' })
  expect(viewTrend(-0.2, english)).toEqual({ light: 'good', word: 'down 20%' })
})

it('a subscription tells its topic, whether it holds, and its figures', () => {
  const view = viewSubscription(
    {
      topic: { kind: 'job', id: 'j-1' },
      isSubscribed: true,
      error: undefined,
      messages: 1200,
      messagesPerMinute: 30,
      bytes: 5000,
      latency: 12,
      p95Latency: null,
      errorRate: 0.001,
    },
    english,
  )
  expect(view).toEqual({ topic: 'Job j-1', light: 'good', state: 'Following', figures: ['1,200', '30', '5 kB', '12 ms', '–', '0.1%'] })
})
