import { afterEach, describe, expect, it, vi } from 'vitest'
import { createMessages } from './create-messages.js'
import { de } from './de.js'
import { english } from './english.js'
import { isWhole, withOwnMessages } from './own-messages.js'

afterEach(() => vi.unstubAllGlobals())

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

  it('that are not of their kind, as a script without types may give them, are those of the language', () => {
    const messages = withOwnMessages(english, JSON.parse('{"uploading":"x","badge":"x","formats":{},"uploads":{"a":"b"}}'))
    expect([messages.uploading(2, '8%'), messages.badge.failed, messages.uploads]).toEqual(['2 uploading (8%)', 'Failed', 'Uploads'])
    expect(messages.formats.count(1000)).toBe('1,000')
  })

  it('that throw are reported once, and said in the language', () => {
    const reportError = vi.fn()
    vi.stubGlobal('reportError', reportError)
    const broken = new Error('No such plural.')
    const fail = () => {
      throw broken
    }
    const messages = withOwnMessages(english, { say: { added: fail }, error: { file_too_large: fail } })
    expect([messages.say.added(2), messages.say.added(3)]).toEqual(['2 files added.', '3 files added.'])
    expect(messages.error.file_too_large?.('5 MB')).toBe(undefined)
    expect(reportError.mock.calls).toEqual([[broken], [broken]])
  })

  it('are whole where nothing is missing', () => {
    expect(isWhole(createMessages('de', de))).toBe(true)
    expect(isWhole({ uploads: 'Scans' })).toBe(false)
    expect(isWhole(createMessages('nl', () => ({ uploads: 'Uploads' })))).toBe(false)
  })
})
