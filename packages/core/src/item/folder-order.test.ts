import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inFolderOrder } from './folder-order.js'

const order = (...paths: (string | undefined)[]) =>
  inFolderOrder(paths.map((relativePath) => ({ relativePath }))).map((entry) => entry.relativePath)

describe('files out of folders', () => {
  it('come in natural order, not in that of the letters', () => {
    expect(order('a/file 10', 'a/file 9', 'a/file 1')).toEqual(['a/file 1', 'a/file 9', 'a/file 10'])
    expect(order('a/B', 'a/c', 'a/A')).toEqual(['a/A', 'a/B', 'a/c'])
  })

  it('come folder by folder, the files of a folder before its folders', () => {
    expect(order('a/sub/1', 'b/1', 'a/z', 'a/sub/deep/1', 'a/sub2/1')).toEqual(['a/z', 'a/sub/1', 'a/sub/deep/1', 'a/sub2/1', 'b/1'])
  })

  it('leave in its place what came without a folder', () => {
    expect(order('zebra', undefined, 'a/2', undefined, 'a/1').slice(1, 4)).toEqual([undefined, 'a/1', undefined])
  })

  it('are the same list where they are in order, as after a drop in most browsers', () => {
    const entries = [{ relativePath: 'a/1' }, { relativePath: 'a/2' }, {}]
    expect(inFolderOrder(entries)).toBe(entries)
  })

  it('are all there, whatever their names, and come in the same order again', () => {
    const path = fc.array(fc.constantFrom('a', 'A', 'ä', '1', '01', '10', 'x y', '\u202Eevil', ''), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(fc.array(path, { maxLength: 30 }), (paths) => {
        const entries = paths.map((segments, id) => ({ relativePath: ['root', ...segments].join('/'), id }))
        const once = inFolderOrder(entries)
        expect([...once].sort((a, b) => a.id - b.id)).toEqual(entries)
        expect(inFolderOrder(once)).toEqual(once)
        const reversed = inFolderOrder([...entries].reverse())
        expect(reversed.map((entry) => entry.relativePath)).toEqual(once.map((entry) => entry.relativePath))
      }),
    )
  })
})
