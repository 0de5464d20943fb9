import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'

const SIDE_PX = 192
const MAX_INPUT_PIXELS = 100_000_000
const TIMEOUT_S = 20

// Pictures only: SVG, PDF and the rest of what libvips reads are documents, with a history of their own.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: [
    'VipsForeignLoadJpegFile',
    'VipsForeignLoadPngFile',
    'VipsForeignLoadWebpFile',
    'VipsForeignLoadNsgifFile',
    'VipsForeignLoadHeifFile',
  ],
})
sharp.cache(false)

/**
 * Small pictures of uploaded images, in a folder of their own.
 *
 * @param {string} directory
 */
export function createThumbnails(directory) {
  mkdirSync(directory, { recursive: true })

  return {
    /** @param {string} id */
    pathOf: (id) => join(directory, `${id}.webp`),

    /**
     * The address of the thumbnail, or `undefined` where the file cannot be read as a picture.
     *
     * @param {string} id
     * @param {string} path of the file
     * @param {AbortSignal} signal
     */
    async make(id, path, signal) {
      const draft = join(directory, `${id}.${randomUUID()}.part`)
      try {
        await sharp(path, { limitInputPixels: MAX_INPUT_PIXELS })
          .autoOrient()
          .resize(SIDE_PX, SIDE_PX, { fit: 'cover' })
          .webp()
          .timeout({ seconds: TIMEOUT_S })
          .toFile(draft)
      } catch {
        await rm(draft, { force: true })
        return undefined
      }
      if (signal.aborted) await rm(draft, { force: true })
      signal.throwIfAborted()
      await rename(draft, this.pathOf(id))
      return `/thumbnails/${id}.webp`
    },
  }
}
