import { describe, expect, it } from 'vitest'
import { createFormats } from './format.js'

const formats = createFormats('en')

describe('bytes', () => {
  it('names small sizes in full', () => {
    expect(formats.bytes(0)).toBe('0 bytes')
    expect(formats.bytes(1)).toBe('1 byte')
    expect(formats.bytes(999)).toBe('999 bytes')
  })

  it('counts in decimal units with at most one digit after the point', () => {
    expect(formats.bytes(1000)).toBe('1 kB')
    expect(formats.bytes(12_449_000)).toBe('12.4 MB')
    expect(formats.bytes(5_000_000_000)).toBe('5 GB')
  })

  it('never shows a thousand of a unit', () => {
    expect(formats.bytes(999_960)).toBe('1 MB')
    expect(formats.bytes(999_940)).toBe('999.9 kB')
  })

  it('follows the locale', () => {
    expect(createFormats('de').bytes(12_449_000)).toBe('12,4 MB')
  })
})

describe('rate', () => {
  it('is a size a second', () => {
    expect(formats.rate(3_100_000)).toBe('3.1 MB/s')
  })

  it('is at least a kilobyte, below which nobody cares', () => {
    expect(formats.rate(12)).toBe('1 kB/s')
  })
})

describe('percent', () => {
  it('rounds down, so that 100 % means done', () => {
    expect(formats.percent(0.9999)).toBe('99%')
    expect(formats.percent(1)).toBe('100%')
  })

  it('stays within its bounds', () => {
    expect(formats.percent(-1)).toBe('0%')
    expect(formats.percent(7)).toBe('100%')
  })
})

describe('duration', () => {
  it('rounds up', () => {
    expect(formats.duration(0.2)).toBe('1 sec')
    expect(formats.duration(59.1)).toBe('1 min')
    expect(formats.duration(61)).toBe('2 min')
  })

  it('names hours with their minutes', () => {
    expect(formats.duration(3600)).toBe('1 hr')
    expect(formats.duration(4800)).toBe('1 hr 20 min')
  })

  it('names days alone', () => {
    expect(formats.duration(200_000)).toBe('3 days')
  })
})

describe('small figures', () => {
  it('are milliseconds, and one digit after the point', () => {
    expect(formats.milliseconds(12.4)).toBe('12 ms')
    expect(formats.decimal(3.46)).toBe('3.5')
  })

  it('are shares that are not rounded down to nothing', () => {
    expect(formats.share(0.004)).toBe('0.4%')
    expect(formats.share(0.5)).toBe('50%')
  })

  it('are a time of day with its seconds', () => {
    expect(formats.clock(new Date(2026, 0, 1, 14, 3, 22))).toMatch(/^2:03:22\sPM$/)
  })
})

it('what is no number is the least there is, and what is no date is not said', () => {
  const { bytes, rate, percent, duration, moment, clock } = createFormats('en')
  expect([bytes(NaN), rate(NaN), percent(NaN), duration(NaN)]).toEqual(['0 bytes', '1 kB/s', '0%', '1 sec'])
  expect([percent(-Infinity), percent(Infinity), bytes(-5)]).toEqual(['0%', '100%', '0 bytes'])
  expect([moment(new Date(NaN)), clock(new Date(NaN))]).toEqual(['', ''])
})

describe('other languages', () => {
  it.each([
    ['de', '12,4 MB', '53\u00a0%', '1 Std., 20 Min.', '10.000'],
    ['fr', '12,4 Mo', '53\u202f%', '1 h 20 min', '10\u202f000'],
    ['ja', '12.4 MB', '53%', '1 時間20 分', '10,000'],
    ['hi', '12.4 MB', '53%', '1 घं॰ 20 मि॰', '10,000'],
  ])('%s has its own figures', (locale, bytes, percent, duration, count) => {
    const { bytes: sayBytes, percent: sayPercent, duration: sayDuration, count: sayCount } = createFormats(locale)
    const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')
    expect([sayBytes(12_449_000), sayPercent(0.53), sayDuration(4800), sayCount(10_000)].map(plain)).toEqual(
      [bytes, percent, duration, count].map(plain),
    )
  })

  it('Hebrew’s single megabyte is written as two are, apart from the words around it', () => {
    expect(createFormats('he').bytes(1_000_000)).toBe('\u20681 MB\u2069')
    expect(createFormats('he').rate(2_500_000)).toBe('\u20682.5 MB/שנ׳\u2069')
  })

  it('lists in its own way', () => {
    expect(createFormats('en').list(['2 completed', '1 failed'])).toBe('2 completed, 1 failed')
    expect(createFormats('ar').list(['صور', '.pdf'])).toBe('\u2068صور\u2069 و\u2068.pdf\u2069')
    expect(createFormats('ja').list(['2 件完了', '1 件失敗'])).toBe('2 件完了 1 件失敗')
  })
})
