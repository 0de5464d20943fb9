import pixelmatch from 'pixelmatch'
// @ts-expect-error It has no types.
import { PNG } from 'pngjs'

/** How far the colour of a pixel may be off, 0..1: far more than another version of the browser makes of the same shape. */
const COLOUR_THRESHOLD = 0.2
/** How many pixels may be off, besides those on the edges of letters and curves, which are not looked at: a hundred, of some 300,000. */
const PIXELS = 100

/** @typedef {{ width: number, height: number, data: Buffer }} Picture */

/**
 * What is wrong with a picture, or nothing.
 * @param {Buffer} reference PNG
 * @param {Buffer} actual PNG
 * @returns {{ problem: string, diff?: Buffer } | undefined} `diff` is a PNG with what is off in red
 */
export function comparePictures(reference, actual) {
  if (reference.equals(actual)) return undefined
  /** @type {[Picture, Picture]} */
  const [before, after] = [PNG.sync.read(reference), PNG.sync.read(actual)]
  const { width, height } = before
  if (after.width !== width || after.height !== height)
    return { problem: `is ${after.width} × ${after.height} and was ${width} × ${height}` }
  const diff = new PNG({ width, height })
  const count = pixelmatch(before.data, after.data, diff.data, width, height, { threshold: COLOUR_THRESHOLD })
  return count > PIXELS ? { problem: `looks different: ${count} pixels, and ${PIXELS} may`, diff: PNG.sync.write(diff) } : undefined
}

/** Colours are kept in steps of so much, of 255: half the bytes, and far below what counts as another colour. */
const COLOUR_STEP = 8

/** A picture as a reference is kept: small. @param {Buffer} png @returns {Buffer} */
export function toReference(png) {
  const picture = PNG.sync.read(png)
  for (const [index, value] of picture.data.entries()) picture.data[index] = Math.min(255, Math.round(value / COLOUR_STEP) * COLOUR_STEP)
  return PNG.sync.write(picture, { colorType: 2, filterType: 0, deflateLevel: 9, deflateStrategy: 0 })
}
