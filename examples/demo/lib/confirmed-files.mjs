import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { sendProblem, writeHead } from './http.mjs'

const FILE = /^\/files\/([\w-]{1,100})$/
const THUMBNAIL = /^\/thumbnails\/([\w-]{1,100})\.webp$/

/**
 * Serves what became of confirmed uploads from this same origin, so nothing of it may run here: an original goes out as an attachment in a sandbox,
 * a thumbnail is a picture that this server made. Answers whether the address was one of them.
 *
 * @param {object} dependencies
 * @param {import('@upload-panel/server-adapter').SyncServer} dependencies.sync
 * @param {ReturnType<typeof import('./thumbnails.mjs').createThumbnails>} dependencies.thumbnails
 */
export function confirmedFiles({ sync, thumbnails }) {
  /**
   * @param {string} pathname
   * @param {import('./http.mjs').ServerResponse} response
   */
  return async (pathname, response) => {
    const fileId = FILE.exec(pathname)?.[1]
    if (fileId !== undefined) {
      await sendOriginal(fileId, response)
      return true
    }
    const thumbnailId = THUMBNAIL.exec(pathname)?.[1]
    if (thumbnailId !== undefined) {
      await sendThumbnail(thumbnailId, response)
      return true
    }
    return false
  }

  /**
   * @param {string} id
   * @param {import('./http.mjs').ServerResponse} response
   */
  async function sendOriginal(id, response) {
    const file = await sync.readFile(id)
    if (file === undefined) return sendProblem(response, 404, 'unknown_file', 'There is no confirmed file of this name.')
    writeHead(response, 200, {
      'content-type': 'application/octet-stream',
      'content-length': file.size,
      'content-disposition': attachment(file.description.name),
    })
    return send(Readable.fromWeb(file.stream()), response)
  }

  /**
   * @param {string} id
   * @param {import('./http.mjs').ServerResponse} response
   */
  async function sendThumbnail(id, response) {
    const stream = createReadStream(thumbnails.pathOf(id))
    const isThere = await new Promise((resolve) => stream.once('open', () => resolve(true)).once('error', () => resolve(false)))
    if (!isThere) return sendProblem(response, 404, 'unknown_thumbnail', 'There is no thumbnail of this name.')
    writeHead(response, 200, { 'content-type': 'image/webp', 'cache-control': 'public, max-age=31536000, immutable' })
    return send(stream, response)
  }
}

/**
 * @param {Readable} stream
 * @param {import('./http.mjs').ServerResponse} response
 */
async function send(stream, response) {
  // Whoever stops reading half-way closes both ends; there is nobody left to tell.
  await pipeline(stream, response).catch(() => {})
}

/** @param {string} name as its sender called it; it may be anything */
function attachment(name) {
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="download"; filename*=UTF-8''${encoded}`
}
