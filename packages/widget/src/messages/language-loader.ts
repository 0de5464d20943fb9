import { createMessages } from './create-messages.js'
import { en } from './en.js'
import { english } from './english.js'
import { LANGUAGES, type Language } from './languages.js'
import type { LanguageMatch } from './match-language.js'
import type { Catalogue, Messages } from './messages.js'

export interface LanguageLoader {
  /** The words, where they are there already: one object for all elements of a locale. */
  find(match: LanguageMatch): Messages | undefined
  /** Loads a language, once for all who ask meanwhile. One that could not be loaded is asked for anew by the next call. */
  load(language: Language): Promise<void>
}

export function createLanguageLoader(languages: Readonly<Record<string, () => Promise<Catalogue>>> = LANGUAGES): LanguageLoader {
  const catalogues = new Map<Language, Catalogue>([['en', en]])
  const made = new Map<string, Messages>([[english.locale, english]])
  const loading = new Map<Language, Promise<void>>()

  const fetch = async (language: Language) => {
    try {
      const catalogue = await languages[language]?.()
      if (catalogue) catalogues.set(language, catalogue)
    } finally {
      loading.delete(language)
    }
  }

  return {
    find({ language, locale }) {
      const known = made.get(locale)
      const catalogue = catalogues.get(language)
      if (known || !catalogue) return known
      const messages = createMessages(locale, catalogue)
      made.set(locale, messages)
      return messages
    },
    load(language) {
      const known = loading.get(language)
      if (known) return known
      if (catalogues.has(language)) return Promise.resolve()
      const pending = fetch(language)
      loading.set(language, pending)
      return pending
    },
  }
}
