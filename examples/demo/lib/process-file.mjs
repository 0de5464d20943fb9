import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { ProcessingError } from '@upload-panel/server-adapter'

const SLOW_STEPS = 40
const SLOW_STEP_MS = 250

/**
 * What happens to a file once its bytes are in storage: real work on the real bytes. SHA-256 of every file, and a thumbnail of every image.
 *
 * @param {object} dependencies
 * @param {import('./behaviour.mjs').Behaviour} dependencies.behaviour
 * @param {ReturnType<typeof import('./thumbnails.mjs').createThumbnails>} dependencies.thumbnails
 * @returns {NonNullable<import('@upload-panel/server-adapter').SyncServerOptions['process']>}
 */
export function createProcess({ behaviour, thumbnails }) {
  return async (operation, { file, progress, stage, signal }) => {
    const isImage = operation.file?.type.startsWith('image/') ?? false
    const isSlow = behaviour.current === 'slow'
    const steps = Number(isSlow) + 1 + Number(isImage)
    let done = 0
    /** @param {number} fraction of the step at hand */
    const advance = (fraction) => progress(((done + fraction) / steps) * 100)

    if (isSlow) {
      stage('waiting', 'This server was told to be slow.')
      for (let step = 1; step <= SLOW_STEPS && behaviour.current === 'slow'; step += 1) {
        await delay(SLOW_STEP_MS, undefined, { signal })
        advance(step / SLOW_STEPS)
      }
      done += 1
    }

    stage('hashing')
    const sha256 = await hash(file, advance, signal)
    done += 1
    obey(behaviour)

    const result = { sha256, size: file.size, url: `/files/${operation.operation_id}` }
    if (!isImage || file.path === undefined) return result
    stage('thumbnail')
    const thumbnailUrl = await thumbnails.make(operation.operation_id, file.path, signal)
    // What calls itself an image and cannot be read as one is still the file that was sent: confirmed, without a picture.
    return thumbnailUrl === undefined ? result : { ...result, thumbnailUrl }
  }
}

/**
 * @param {{ stream(): AsyncIterable<Uint8Array>, size: number }} file
 * @param {(fraction: number) => void} advance
 * @param {AbortSignal} signal
 */
async function hash(file, advance, signal) {
  const sha256 = createHash('sha256')
  let bytes = 0
  for await (const chunk of file.stream()) {
    signal.throwIfAborted()
    sha256.update(chunk)
    bytes += chunk.length
    advance(bytes / file.size)
  }
  return sha256.digest('hex')
}

/** @param {import('./behaviour.mjs').Behaviour} behaviour */
function obey({ current }) {
  if (current === 'failing') {
    throw new ProcessingError('demo_failing', 'This server was told to fail. Set it to normal, then try again.', { retryable: true })
  }
  if (current === 'refusing') {
    throw new ProcessingError('demo_refused', 'This server was told to refuse every file. Set it to normal, then try again.', {
      retryable: false,
    })
  }
}
