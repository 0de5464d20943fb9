import { describe, expect, test } from 'vitest'
import { judgeHealth } from './health.js'

const NOW = Date.UTC(2026, 0, 1)
const judge = (errorRate: number | null, p95LatencyMs: number | null, connected: number | null) =>
  judgeHealth({ errorRate, p95LatencyMs, connected }, NOW)

describe('health', () => {
  test.each([
    [0, 'healthy'],
    [0.049, 'healthy'],
    [0.05, 'warning'],
    [0.1, 'warning'],
    [0.101, 'critical'],
    [1, 'critical'],
  ] as const)('with %d of errors is %s', (errorRate, status) => {
    expect(judge(errorRate, null, null)).toMatchObject({ status, errorRate, checkedAt: '2026-01-01T00:00:00.000Z' })
  })

  test.each([
    [0, 100, 1, 100],
    [0, 500, 1, 100],
    [0, 1000, 1, 88],
    [0.5, 1000, 0.5, 50],
    [1, 5000, 0, 3],
  ])('is scored by success, quickness and connection: %d, %d ms, %d make %d', (errorRate, p95, connected, score) => {
    expect(judge(errorRate, p95, connected).score).toBe(score)
  })

  test('leaves out of the score what is not known', () => {
    expect(judge(null, null, null)).toMatchObject({ status: 'healthy', score: 100 })
    expect(judge(null, null, 0.5).score).toBe(50)
    expect(judge(0.2, null, 1).score).toBe(84)
    expect(judge(null, 0, 1).score).toBe(100)
  })
})
