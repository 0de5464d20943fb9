import { describe, expect, it } from 'vitest'
import { createMessages } from './create-messages.js'
import { de } from './de.js'
import { english } from './english.js'
import { isWhole, withOwnMessages } from './own-messages.js'

describe('a page’s own words', () => {
  it('go over those of the language, group by group', () => {
    const messages = withOwnMessages(english, { uploads: 'Scans', action: { retry: 'Once more' } })
    expect([messages.uploads, messages.action.retry, messages.action.cancel]).toEqual(['Scans', 'Once more', 'Cancel'])
  })

  it('may be another language, whose figures follow its locale', () => {
    const dutch = createMessages('nl', ({ counted }) => ({
      completedCount: counted({ one: '# bestand klaar', other: '# bestanden klaar' }),
    }))
    const messages = withOwnMessages(english, dutch)
    expect(messages.completedCount(1)).toBe('1 bestand klaar')
    expect(messages.completedCount(12_000)).toBe('12.000 bestanden klaar')
    expect(messages.formats.bytes(1_500_000)).toBe('1,5 MB')
    expect(withOwnMessages(english, { locale: 'nl' }).formats.bytes(1_500_000)).toBe('1,5 MB')
  })

  it('with a locale that makes no sense keep the figures of the language', () => {
    expect(withOwnMessages(english, { locale: '???' }).formats).toBe(english.formats)
  })

  it('that are not set change nothing', () => {
    expect(withOwnMessages(english, JSON.parse('{"uploads":null,"action":null}')).uploads).toBe('Uploads')
    expect(withOwnMessages(english, JSON.parse('{"action":null}')).action.retry).toBe('Retry')
  })

  it('are whole where nothing is missing', () => {
    expect(isWhole(createMessages('de', de))).toBe(true)
    expect(isWhole({ uploads: 'Scans' })).toBe(false)
    expect(isWhole(createMessages('nl', () => ({ uploads: 'Uploads' })))).toBe(false)
  })
})
