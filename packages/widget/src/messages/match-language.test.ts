import { describe, expect, it } from 'vitest'
import { LANGUAGES } from './languages.js'
import { matchLanguage } from './match-language.js'

describe('the language for a tag', () => {
  it.each([
    ['de', 'de', 'de'],
    ['de-AT', 'de', 'de-AT'],
    ['DE-at', 'de', 'de-AT'],
    ['de_CH', 'de', 'de-CH'],
    [' fr-CA ', 'fr', 'fr-CA'],
    ['pt', 'pt-BR', 'pt'],
    ['pt-PT', 'pt-BR', 'pt-PT'],
    ['zh', 'zh-CN', 'zh'],
    ['zh-Hans', 'zh-CN', 'zh-Hans'],
    ['zh-SG', 'zh-CN', 'zh-SG'],
    ['iw', 'he', 'he'],
    ['ar-EG-u-nu-latn', 'ar', 'ar-EG-u-nu-latn'],
    ['en-GB', 'en', 'en-GB'],
  ])('%s is %s, with the figures of %s', (tag, language, locale) => {
    expect(matchLanguage(tag)).toEqual({ language, locale })
  })

  it.each(['', 'nl', 'tlh', 'x-klingon', 'de--AT', 'not a tag', '*', 'd', '🇩🇪', 'de-'.repeat(99)])('%s is English', (tag) => {
    expect(matchLanguage(tag)).toEqual({ language: 'en', locale: 'en' })
  })

  it.each(['zh-TW', 'zh-Hant', 'zh-HK', 'hi-Latn'])('%s, written in another script, is English', (tag) => {
    expect(matchLanguage(tag)).toEqual({ language: 'en', locale: 'en' })
  })

  it('finds each by its own name', () => {
    for (const name of Object.keys(LANGUAGES)) expect(matchLanguage(name).language).toBe(name)
  })
})
