import { describe, expect, it } from 'vitest'
import { de } from './de.js'
import { english } from './english.js'
import { createLanguageLoader } from './language-loader.js'

const austrian = { language: 'de', locale: 'de-AT' } as const

describe('a language', () => {
  it('is loaded once for all who ask meanwhile', async () => {
    let calls = 0
    const loader = createLanguageLoader({ de: async () => (calls++, de) })
    expect(loader.find(austrian)).toBeUndefined()
    await Promise.all([loader.load('de'), loader.load('de')])
    await loader.load('de')
    expect(calls).toBe(1)
  })

  it('is one object for all elements of a locale, and another for another locale', async () => {
    const loader = createLanguageLoader({ de: async () => de })
    await loader.load('de')
    const messages = loader.find(austrian)
    expect(messages?.locale).toBe('de-AT')
    expect(loader.find(austrian)).toBe(messages)
    expect(loader.find({ language: 'de', locale: 'de' })).not.toBe(messages)
  })

  it('that could not be loaded is asked for anew', async () => {
    let isBroken = true
    const loader = createLanguageLoader({
      de: async () => {
        if (isBroken) throw new TypeError('Failed to fetch dynamically imported module')
        return de
      },
    })
    await expect(loader.load('de')).rejects.toThrow('Failed')
    isBroken = false
    await loader.load('de')
    expect(loader.find(austrian)?.uploads).toBe('Uploads')
  })

  it('is English without being loaded', () => {
    expect(createLanguageLoader({}).find({ language: 'en', locale: 'en' })).toBe(english)
    expect(createLanguageLoader({}).find({ language: 'en', locale: 'en-GB' })?.locale).toBe('en-GB')
  })
})
