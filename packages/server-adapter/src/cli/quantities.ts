import type { FlagName } from './flags.js'
import { SettingsError } from './settings-error.js'

const UNITS_OF_SIZE = new Map([
  ['', 1],
  ['B', 1],
  ['KB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['TB', 1e12],
  ['KIB', 2 ** 10],
  ['MIB', 2 ** 20],
  ['GIB', 2 ** 30],
  ['TIB', 2 ** 40],
])

const UNITS_OF_TIME = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

/** Bytes of `500MB` or `5GiB`. @throws SettingsError */
export function readSize(name: FlagName, given: string): number {
  const bytes = read(given.toUpperCase(), UNITS_OF_SIZE)
  if (bytes !== undefined && bytes >= 1) return Math.floor(bytes)
  throw new SettingsError(`--${name} must be a size such as 500MB or 5GiB, not ${given}.`)
}

/** Milliseconds of `90s`, `30m`, `24h` or `7d`. @throws SettingsError */
export function readDuration(name: FlagName, given: string, leastMs = 1000): number {
  const ms = read(given.toLowerCase(), UNITS_OF_TIME)
  if (ms !== undefined && ms >= leastMs) return ms
  throw new SettingsError(`--${name} must be a time such as 90s, 30m, 24h or 7d, not ${given}.`)
}

function read(given: string, units: ReadonlyMap<string, number>): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?) ?([A-Za-z]*)$/.exec(given.trim()) ?? []
  const factor = units.get(unit)
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor
}
