import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isId, MAX_ID_LENGTH, MAX_TEXT_LENGTH, sanitizeText } from './text.js'

const anyText = fc.string({ unit: 'binary' })
const brokenText = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units))

describe('sanitizeText', () => {
  test.each([
    ['control characters', 'a\u0000b\u001bc\u007fd\u0085e', 'abcde'],
    ['carriage returns but not line breaks and tabs', 'a\r\n\tb', 'a\n\tb'],
    ['what reorders text', 'exe.\u202Egpj.\u2066x\u2069', 'exe.gpj.x'],
    ['byte order marks', '\uFEFFa', 'a'],
  ])('removes %s', (_, text, clean) => {
    expect(sanitizeText(text)).toBe(clean)
  })

  test.each([
    ['right-to-left names', 'تقرير نهائي.pdf'],
    ['marks that right-to-left text needs', 'שלום\u200F!'],
    ['joined emoji', '👩‍👩‍👧‍👦.png'],
    ['accents in either form', 'é e\u0301'],
    ['markup, which is text as well', '<b onclick="x()">&amp;</b>'],
    ['nothing at all', ''],
  ])('keeps %s', (_, text) => {
    expect(sanitizeText(text)).toBe(text)
  })

  test('puts the replacement character for half a character', () => {
    expect(sanitizeText('a\uD83Cb\uDFD6c')).toBe('a\uFFFDb\uFFFDc')
  })

  test('cuts at the bound, and a unit before it rather than through a character', () => {
    expect(sanitizeText('x'.repeat(MAX_TEXT_LENGTH + 1))).toHaveLength(MAX_TEXT_LENGTH)
    expect(sanitizeText('ab🏖️', 3)).toBe('ab')
    expect(sanitizeText('ab🏖', 4)).toBe('ab🏖')
    expect(sanitizeText('🏖', 0)).toBe('')
  })

  test('counts what is left, not what was removed', () => {
    expect(sanitizeText('\u0000'.repeat(50) + 'abc', 3)).toBe('abc')
  })

  test('answers well-formed bounded text that a second pass leaves alone', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, brokenText), fc.nat(30), (text, length) => {
        const clean = sanitizeText(text, length)
        expect(clean.length).toBeLessThanOrEqual(length)
        expect(() => encodeURIComponent(clean)).not.toThrow()
        expect(sanitizeText(clean, length)).toBe(clean)
      }),
    )
  })
})

describe('isId', () => {
  test.each(['a', '4f1c9a60b7e24d0f', 'photo 12.jpg', 'ключ', 'x'.repeat(MAX_ID_LENGTH), '__proto__', '../../etc'])('takes %j', (id) => {
    expect(isId(id)).toBe(true)
  })

  test.each([
    '',
    'x'.repeat(MAX_ID_LENGTH + 1),
    'a\nb',
    'a\tb',
    'a\u0000',
    'a\u202Eb',
    '\uD800',
    7,
    null,
    undefined,
    ['a'],
    {},
    { toString: () => 'a' },
  ])('refuses %j', (id) => {
    expect(isId(id)).toBe(false)
  })

  test('takes only what can be part of a URL', () => {
    fc.assert(
      fc.property(brokenText, (text) => {
        fc.pre(isId(text))
        expect(decodeURIComponent(encodeURIComponent(text))).toBe(text)
      }),
    )
  })
})
