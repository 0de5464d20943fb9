import { directionOf, isolated } from './direction.js'

/** Figures as people read them, in one locale. What is no number is the least there is, and what is no date is not said: no figure stops what is around it. */
export interface Formats {
  /** `12.4 MB`. Decimal units, as file managers and drives use. */
  bytes(count: number): string
  /** `3.1 MB/s`. */
  rate(bytesPerSecond: number): string
  /** `53%` of a fraction 0..1. Rounded down: nothing that goes on is shown as 100 %. */
  percent(fraction: number): string
  /** `12 sec`, `4 min`, `1 hr 20 min`. Rounded up: the last second lasts a second. */
  duration(seconds: number): string
  /** `10,000`. */
  count(count: number): string
  /** `12 ms`. */
  milliseconds(ms: number): string
  /** `3.5`. */
  decimal(value: number): string
  /** `3.5%` of a fraction: as it is, where a rate of errors that is rounded down to nothing would be wrong. */
  share(fraction: number): string
  /** `2:03:22 PM`. */
  clock(date: Date): string
  /** `Nov 21, 2026, 2:03 PM`. */
  moment(date: Date): string
  /** `2 completed, 1 failed`. */
  list(parts: readonly string[]): string
}

const SIZE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const
const DAY_SECONDS = 86_400

/** Formats for a locale. */
export function createFormats(locale: string): Formats {
  const units = new Map<string, Intl.NumberFormat>()
  const unit = (name: string, options: Intl.NumberFormatOptions = {}) => {
    const known = units.get(name)
    if (known) return known
    const made = new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: 1, ...options })
    units.set(name, made)
    return made
  }
  const percentFormat = once(() => new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }))
  const shareFormat = once(() => new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 }))
  const decimalFormat = once(() => new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }))
  const clockFormat = once(() => new Intl.DateTimeFormat(locale, { timeStyle: 'medium' }))
  const momentFormat = once(() => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }))
  const listFormat = once(() => new Intl.ListFormat(locale, { type: 'unit', style: 'short' }))
  // As one quantity, `1 hr 20 min`: some languages set no space, others a word between them.
  const quantityFormat = once(() => new Intl.ListFormat(locale, { type: 'unit', style: 'narrow' }))
  const countFormat = once(() => new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }))

  // Figures that count up are asked for again and again, and `Intl` takes its time.
  const tenths = remembered((tenth) => decimalFormat().format(tenth / 10))
  const percents = remembered((percent) => percentFormat().format(percent / 100))

  const patterns = new Map<string, readonly string[]>()
  /** What stands before and after a figure of many. */
  const patternOf = (name: string) => {
    const pattern = patterns.get(name) ?? unit(name).format(11).split(countFormat().format(11))
    patterns.set(name, pattern)
    return pattern
  }

  const figure = directionOf(locale) === 'rtl' ? isolated : (text: string) => text
  const scaled = (value: number, suffix: string) => {
    const bytes = value > 0 ? value : 0
    let step = 0
    // What rounds to 1000 of a unit is shown as 1 of the next.
    while (step < SIZE_UNITS.length - 1 && bytes / 1000 ** step >= (step === 0 ? 1000 : 999.95)) step += 1
    const name = `${SIZE_UNITS[step]}${suffix}`
    if (step === 0) return figure(unit(name, { unitDisplay: 'long', maximumFractionDigits: 0 }).format(bytes))
    // In the pattern of the plural: an abbreviation has no other, but in Hebrew's data the one of a single megabyte is broken.
    const [before = '', after = ''] = patternOf(name)
    return figure(`${before}${tenths(Math.round((bytes / 1000 ** step) * 10))}${after}`)
  }

  return {
    bytes: (count) => scaled(count, ''),
    rate: (bytesPerSecond) => scaled(bytesPerSecond > 1000 ? bytesPerSecond : 1000, '-per-second'),
    percent: (fraction) => percents(fraction > 0 ? Math.floor(Math.min(1, fraction) * 100) : 0),
    duration(seconds) {
      const whole = seconds > 1 ? Math.ceil(seconds) : 1
      if (whole < 60) return unit('second').format(whole)
      const minutes = Math.ceil(whole / 60)
      if (minutes < 60) return unit('minute').format(minutes)
      if (whole > DAY_SECONDS) return unit('day').format(Math.ceil(whole / DAY_SECONDS))
      const hours = Math.floor(minutes / 60)
      const rest = minutes % 60
      const parts = [unit('hour').format(hours), ...(rest === 0 ? [] : [unit('minute').format(rest)])]
      return quantityFormat().format(parts)
    },
    count: (count) => countFormat().format(count),
    milliseconds: (ms) => unit('millisecond', { maximumFractionDigits: 0 }).format(ms),
    decimal: (value) => decimalFormat().format(value),
    share: (fraction) => shareFormat().format(fraction),
    clock: (date) => dated(date, clockFormat),
    moment: (date) => dated(date, momentFormat),
    // The dot of `.pdf` stays before it where text runs from right to left.
    list: (parts) => listFormat().format(parts.map(figure)),
  }
}

/** `Intl` throws for a date that is none. */
function dated(date: Date, format: () => Intl.DateTimeFormat): string {
  return Number.isNaN(date.getTime()) ? '' : format().format(date)
}

/** Of small whole numbers, so that there is an end to them. */
function remembered(format: (value: number) => string): (value: number) => string {
  const known: string[] = []
  return (value) => (known[value] ??= format(value))
}

/** Made at the first use: a page needs few of them, and each costs more than a thousand uses. */
function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}
