import { describe, expect, test } from 'vitest'
import { fileKind, isPicture } from './file-kind.js'

describe('what a file is', () => {
  test.each([
    ['image/heic', 'a', 'image'],
    ['video/quicktime', 'a.bin', 'video'],
    ['audio/mpeg', 'a', 'audio'],
    ['application/pdf', 'report.PDF', 'document'],
    ['', 'numbers.xlsx', 'table'],
    ['', 'deck.pptx', 'slides'],
    ['application/zip', 'backup.tar.gz', 'archive'],
    ['text/plain', 'main.ts', 'code'],
    ['', 'photo.jpeg', 'image'],
    ['', 'no ending', 'file'],
    ['application/octet-stream', 'a.unheard', 'file'],
    ['', 'constructor', 'file'],
    ['', 'a.__proto__', 'file'],
  ])('%s, %s: %s', (type, name, kind) => {
    expect(fileKind(type, name)).toBe(kind)
  })
})

describe('a picture is read', () => {
  test('where every browser can show it', () => {
    for (const type of ['image/jpeg', 'image/png', 'image/webp', 'image/avif']) expect(isPicture({ type, size: 5_000_000 })).toBe(true)
  })

  test('not where it is a program, moves, or is of another type', () => {
    for (const type of ['image/svg+xml', 'image/gif', 'image/heic', 'video/mp4', '', 'IMAGE/PNG; x'])
      expect(isPicture({ type, size: 100 })).toBe(false)
  })

  test('not where it is empty or enormous', () => {
    expect(isPicture({ type: 'image/png', size: 0 })).toBe(false)
    expect(isPicture({ type: 'image/png', size: 25_000_001 })).toBe(false)
  })
})
