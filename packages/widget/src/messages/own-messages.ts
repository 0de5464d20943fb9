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

/** A page's own words over those of a language. What is not of their kind, or throws, is said in the language's: no typing error of a page's may stop an upload. */
export function withOwnMessages(messages: Messages, own: OwnMessages): Messages {
  const { locale = messages.locale } = own
  const formats = locale === messages.locale ? messages.formats : (formatsOf(locale) ?? messages.formats)
  return { ...merged({ ...messages, formats }, own), locale }
}

function formatsOf(locale: string) {
  return parseLocale(locale) && createFormats(locale)
}

function merged<T extends object>(base: T, part: object): T {
  const entries = Object.keys({ ...base, ...part }).map((key) => {
    const [value, entry]: unknown[] = [Reflect.get(base, key), Reflect.get(part, key)]
    if (isGroup(value) && isGroup(entry)) return [key, merged(value, entry)]
    if (isFunction(entry) && (isFunction(value) || value === undefined)) return [key, guarded(entry, value)]
    return [key, entry != null && (value === undefined || typeof entry === typeof value) ? entry : value]
  })
  return Object.fromEntries(entries) as T
}

type Say = (...args: unknown[]) => unknown

/** Reported once: a title is made anew many times a second. */
function guarded(own: Say, fallback: Say | undefined): Say {
  let isReported = false
  return (...args: unknown[]) => {
    try {
      return own(...args)
    } catch (error) {
      if (!isReported) reportError(error)
      isReported = true
      return fallback?.(...args)
    }
  }
}

function isFunction(value: unknown): value is Say {
  return typeof value === 'function'
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
