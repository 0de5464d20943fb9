import { LANGUAGES, type Language } from './languages.js'

/** A language that there are words of, and the tag that its figures follow. */
export interface LanguageMatch {
  readonly language: Language
  readonly locale: string
}

const ENGLISH: LanguageMatch = { language: 'en', locale: 'en' }

/**
 * The language for a BCP 47 tag: `de-AT` is German with Austria's figures, `pt` is Brazilian Portuguese. A language that there are no words of is
 * English, and so is one that is written in another script: `zh-TW` and `zh-Hant` are not served with simplified characters, which is what the
 * Unicode locale data hold to. A malformed tag is English, too.
 */
export function matchLanguage(tag: string): LanguageMatch {
  const asked = parseLocale(tag)
  if (!asked) return ENGLISH
  const candidates: readonly Language[] = ['en', ...(Object.keys(LANGUAGES) as Language[])]
  const written = asked.maximize()
  const language = candidates.find((candidate) => {
    const { language, script } = new Intl.Locale(candidate).maximize()
    return language === written.language && script === written.script
  })
  return language === undefined ? ENGLISH : { language, locale: asked.toString() }
}

/** Also takes the underscore of other systems (`de_AT`). `undefined` where the text is no tag. */
export function parseLocale(tag: string): Intl.Locale | undefined {
  try {
    return new Intl.Locale(tag.trim().replaceAll('_', '-'))
  } catch {
    return undefined
  }
}
