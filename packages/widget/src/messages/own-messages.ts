import { createFormats } from '../text/format.js'
import { english } from './english.js'
import { parseLocale } from './match-language.js'
import type { Messages, OwnMessages } from './messages.js'

/** Whether nothing is missing: no language needs to be loaded for the rest. */
export function isWhole(own: OwnMessages): own is Messages {
  return covers(own, english)
}

function covers(part: object, whole: object): boolean {
  return Object.entries(whole).every(([key, value]) => {
    const entry: unknown = Reflect.get(part, key)
    return isGroup(value) ? isGroup(entry) && covers(entry, value) : entry !== undefined
  })
}

/** A page's own words over those of a language. */
export function withOwnMessages(messages: Messages, own: OwnMessages): Messages {
  const { locale = messages.locale, formats = formatsOf(locale) ?? messages.formats } = own
  return { ...merged(messages, own), locale, formats }
}

function formatsOf(locale: string) {
  return parseLocale(locale) && createFormats(locale)
}

function merged<T extends object>(base: T, part: object): T {
  const entries = Object.keys({ ...base, ...part }).map((key) => {
    const [value, entry]: unknown[] = [Reflect.get(base, key), Reflect.get(part, key)]
    return [key, isGroup(value) && isGroup(entry) ? merged(value, entry) : (entry ?? value)]
  })
  return Object.fromEntries(entries) as T
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
