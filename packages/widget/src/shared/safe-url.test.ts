import { describe, expect, it } from 'vitest'
import { safeUrl, thumbnailUrl } from './safe-url.js'

const page = 'https://app.example/gallery/'

describe('safeUrl', () => {
  it('takes http and https', () => {
    expect(safeUrl('https://cdn.example/a.webp', page)).toBe('https://cdn.example/a.webp')
    expect(safeUrl('http://cdn.example/a.webp', page)).toBe('http://cdn.example/a.webp')
  })

  it('resolves a relative URL against the page', () => {
    expect(safeUrl('/thumbs/1.webp', page)).toBe('https://app.example/thumbs/1.webp')
    expect(safeUrl('1.webp', page)).toBe('https://app.example/gallery/1.webp')
  })

  it.each([
    'javascript:alert(1)',
    ' JavaScript:alert(1)',
    'java\nscript:alert(1)',
    'data:image/svg+xml,<svg/>',
    'blob:https://app.example/1',
    'file:///etc/passwd',
    'about:blank',
    '',
    'http://',
    `https://cdn.example/${'x'.repeat(5000)}`,
    42,
    null,
    {},
  ])('refuses %j', (value) => {
    expect(safeUrl(value, page)).toBeUndefined()
  })

  it('refuses a relative URL on a page that is not http', () => {
    expect(safeUrl('1.webp', 'file:///home/me/page.html')).toBeUndefined()
  })
})

describe('thumbnailUrl', () => {
  it('reads thumbnailUrl, then thumbnail', () => {
    expect(thumbnailUrl({ thumbnailUrl: '/a.webp', thumbnail: '/b.webp' }, page)).toBe('https://app.example/a.webp')
    expect(thumbnailUrl({ thumbnail: '/b.webp' }, page)).toBe('https://app.example/b.webp')
    expect(thumbnailUrl({ thumbnailUrl: 'javascript:1', thumbnail: '/b.webp' }, page)).toBe('https://app.example/b.webp')
  })

  it('is absent for results of any other shape', () => {
    expect(thumbnailUrl(undefined, page)).toBeUndefined()
    expect(thumbnailUrl(null, page)).toBeUndefined()
    expect(thumbnailUrl('/a.webp', page)).toBeUndefined()
    expect(thumbnailUrl({ thumbnail: { url: '/a.webp' } }, page)).toBeUndefined()
  })
})
