// @ts-expect-error It has no types.
import { PNG } from 'pngjs'
import { expect, test } from 'vitest'
import { comparePictures, toReference } from './compare.mjs'

/**
 * A picture of 100 × 100 in one colour, with a square of another in it.
 * @param {number} grey
 * @param {{ side: number, grey: number }} [square]
 * @returns {Buffer}
 */
function picture(grey, square = { side: 0, grey }) {
  const png = new PNG({ width: 100, height: 100 })
  for (let y = 0; y < 100; y += 1) {
    for (let x = 0; x < 100; x += 1) {
      const isInside = x >= 20 && x < 20 + square.side && y >= 20 && y < 20 + square.side
      png.data.fill(isInside ? square.grey : grey, (y * 100 + x) * 4, (y * 100 + x) * 4 + 3)
      png.data[(y * 100 + x) * 4 + 3] = 255
    }
  }
  return PNG.sync.write(png)
}

test('a picture is like its own reference, and like one whose colours are hardly off', () => {
  expect(comparePictures(toReference(picture(21)), picture(21))).toBeUndefined()
  expect(comparePictures(picture(21), picture(29))).toBeUndefined()
})

test('something as large as an icon is seen, and shown where it is', () => {
  const found = comparePictures(picture(21), picture(21, { side: 16, grey: 200 }))
  expect(found?.problem).toBe('looks different: 256 pixels, and 100 may')
  expect(PNG.sync.read(found?.diff).width).toBe(100)
  expect(comparePictures(picture(21), picture(21, { side: 8, grey: 200 }))).toBeUndefined()
})

test('another colour everywhere is seen', () => {
  expect(comparePictures(picture(21), picture(90))?.problem).toContain('10000 pixels')
})

test('another size is said', () => {
  const small = PNG.sync.write(new PNG({ width: 10, height: 20 }))
  expect(comparePictures(picture(21), small)).toEqual({ problem: 'is 10 × 20 and was 100 × 100' })
})
