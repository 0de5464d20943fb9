import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { timeKey } from './time.js'

const key = (text: string) => timeKey(text) as string

describe('timeKey', () => {
  test.each([
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000Z'],
    ['2026-01-01T00:00Z', '2026-01-01T00:00:00Z'],
    ['2026-01-01T00:00:00.5Z', '2026-01-01T00:00:00,500z'],
    ['2026-01-01T02:00:00+02:00', '2026-01-01T00:00:00Z'],
    ['2025-12-31T19:30:00-0430', '2026-01-01T00:00:00Z'],
    ['2026-01-01 00:00:00.123456+00', '2026-01-01T00:00:00.123456Z'],
    ['2026-01-01T00:00:00.123456', '2026-01-01T00:00:00.123456Z'],
    ['2026-06-30T23:59:60Z', '2026-07-01T00:00:00Z'],
  ])('%s is %s', (one, other) => {
    expect(key(one)).toBe(key(other))
  })

  test.each([
    ['2026-01-01T00:00:00.000001Z', '2026-01-01T00:00:00.000002Z'],
    ['2026-01-01T00:00:00.000000001Z', '2026-01-01T00:00:00.000000002Z'],
    ['2026-01-01T00:00:00.9Z', '2026-01-01T00:00:01Z'],
    ['2026-01-01T00:00:00.09Z', '2026-01-01T00:00:00.1Z'],
    ['1969-12-31T23:59:59.999Z', '1970-01-01T00:00:00Z'],
    ['0001-01-01T00:00:00Z', '0099-01-01T00:00:00Z'],
    ['9999-12-31T23:59:58-12:00', '9999-12-31T23:59:59-12:00'],
  ])('%s is before %s', (early, late) => {
    expect(key(early) < key(late)).toBe(true)
  })

  test.each([
    '',
    'now',
    '1',
    '1767225600000',
    '2026-01-01',
    '01/02/2026 10:00',
    'Thu, 01 Jan 2026 00:00:00 GMT',
    '2026-13-01T00:00:00Z',
    '2026-01-32T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '+002026-01-01T00:00:00Z',
    ' 2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00Z\n',
    `2026-01-01T00:00:00.${'1'.repeat(100)}Z`,
  ])('%j is no time', (text) => {
    expect(timeKey(text)).toBeUndefined()
  })

  test('orders as the clock does', () => {
    const times = fc.date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
    fc.assert(
      fc.property(times, times, (a, b) => {
        expect(Math.sign(a.getTime() - b.getTime())).toBe(
          key(a.toISOString()) < key(b.toISOString()) ? -1 : Number(key(a.toISOString()) > key(b.toISOString())),
        )
      }),
    )
  })
})
