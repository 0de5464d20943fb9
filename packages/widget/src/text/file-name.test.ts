import { describe, expect, it } from 'vitest'
import { displayName, extensionOf, shortName, splitName } from './file-name.js'

describe('displayName', () => {
  it('keeps a name in any script as it is', () => {
    expect(displayName('تقرير مالي.pdf')).toBe('تقرير مالي.pdf')
    expect(displayName('👩‍👩‍👧 photo.jpg')).toBe('👩‍👩‍👧 photo.jpg')
  })

  it('removes the override that makes a program look like a picture', () => {
    expect(displayName('photo\u202Egpj.exe')).toBe('photogpj.exe')
  })

  it('puts a name with line breaks and tabs on one line', () => {
    expect(displayName('a\n\tb\r\nc.txt')).toBe('a b c.txt')
  })

  it('bounds a name without end', () => {
    expect(displayName('x'.repeat(10_000)).length).toBeLessThanOrEqual(300)
  })
})

describe('shortName', () => {
  it('is the whole name where it is no longer than a sentence bears', () => {
    expect(shortName('Quarterly report of the year 2026.pdf')).toBe('Quarterly report of the year 2026.pdf')
    expect(shortName('\u202Ea\nb.txt')).toBe('a b.txt')
  })

  it('keeps the start and the end of a longer one, and every emoji whole', () => {
    expect(shortName(`${'a'.repeat(200)} scan 12.jpeg`)).toBe(`${'a'.repeat(24)}…an 12.jpeg`)
    const waving = '👋🏽'
    expect(shortName(waving.repeat(41))).toBe(`${waving.repeat(24)}…${waving.repeat(5)}`)
  })
})

describe('extensionOf', () => {
  it('is the short Latin ending in capitals', () => {
    expect(extensionOf('holiday.jpeg')).toBe('JPEG')
    expect(extensionOf('archive.tar.gz')).toBe('GZ')
  })

  it('is absent for dot files, for long endings and for other scripts', () => {
    expect(extensionOf('.gitignore')).toBeUndefined()
    expect(extensionOf('notes.markdown')).toBeUndefined()
    expect(extensionOf('ملف.صور')).toBeUndefined()
    expect(extensionOf('README')).toBeUndefined()
  })
})

describe('splitName', () => {
  it('leaves a short name whole', () => {
    expect(splitName('holiday.jpg')).toEqual({ head: 'holiday.jpg', tail: '' })
  })

  it('keeps the extension and the letters before it at the end', () => {
    expect(splitName('a very long name of a scan 0012.pdf')).toEqual({ head: 'a very long name of a scan', tail: ' 0012.pdf' })
  })

  it('keeps the last letters of a name without extension', () => {
    expect(splitName('a very long name without any dot')).toEqual({ head: 'a very long name without an', tail: 'y dot' })
  })

  it('never cuts inside an emoji or between a letter and its marks', () => {
    const family = '👩‍👩‍👧'
    expect(splitName(family.repeat(20))).toEqual({ head: family.repeat(15), tail: family.repeat(5) })
    const zalgo = `e${'\u0301'.repeat(9)}`
    expect(splitName(zalgo.repeat(20))).toEqual({ head: zalgo.repeat(15), tail: zalgo.repeat(5) })
  })

  it('keeps cursive letters connected where the pieces meet', () => {
    const { head, tail } = splitName('مستنداتالمحاسبةالسنوية')
    expect(head.endsWith('\u200D')).toBe(true)
    expect(tail.startsWith('\u200D')).toBe(true)
    expect((head + tail).replaceAll('\u200D', '')).toBe('مستنداتالمحاسبةالسنوية')
  })
})
