const ISO_8601 =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d|60)(?:[.,](\d+))?)?(?:Z|([+-])(\d\d)(?::?(\d\d))?)?$/i
/** Longest time accepted from the wire. */
const MAX_TIME_LENGTH = 40
/** Makes the seconds of every year from 0 to 9999 positive, so that they compare as text. */
const EPOCH_OFFSET_S = 100_000_000_000
/** After so many seconds, 400 years, the calendar begins anew. */
const CALENDAR_S = 146_097 * 86_400

/** Whether a text is a time of the wire. */
export function isTime(text: string): boolean {
  return text.length <= MAX_TIME_LENGTH && ISO_8601.test(text)
}

/**
 * A time of the wire in a form that compares as text at full precision (nanoseconds); `undefined` where it is none. `Date` would keep
 * milliseconds only, while Postgres writes microseconds and two words of one operation often share a millisecond; and each browser's
 * `Date.parse` takes other spellings. A time without a zone is UTC, as the protocol demands: Python writes it so.
 */
export function timeKey(text: string): string | undefined {
  const match = text.length <= MAX_TIME_LENGTH ? ISO_8601.exec(text) : null
  if (match === null) return undefined
  const [, year, month, day, hours, minutes, seconds = '0', fraction = '', sign, zoneHours = '0', zoneMinutes = '0'] = match
  const zone = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === '-' ? -1 : 1)
  // Two-digit years are the last century's for `Date.UTC`, so it is asked about 400 years later, when the calendar is the same.
  const later = Date.UTC(Number(year) + 400, Number(month) - 1, Number(day), Number(hours), Number(minutes) - zone, Number(seconds)) / 1000
  const whole = String(later - CALENDAR_S + EPOCH_OFFSET_S).padStart(12, '0')
  return `${whole}.${fraction.slice(0, 9).padEnd(9, '0')}`
}

/** A time of the wire as milliseconds since the epoch; `undefined` where it is none. */
export function epochMs(text: string): number | undefined {
  const key = timeKey(text)
  return key === undefined ? undefined : Math.round((Number(key) - EPOCH_OFFSET_S) * 1000)
}
