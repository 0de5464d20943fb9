import { UploadError } from '../errors.js'
import type { HttpResponse } from '../http/http-client.js'
import { storageError } from '../http/policy/classify.js'
import { isRecord, readCloudinaryPlan, type CloudinaryPlan } from '../protocol/index.js'
import { ANSWER_MS, inItsWords, isOk, readJson, refusePage } from './answer.js'
import { textFields, type TextFields } from './form.js'
import type { TransferContext, TransferResult, UploadSource, UploadStrategy } from './strategy.js'
import { contentOf } from './content.js'

const CHUNK_BYTES = 20 * 2 ** 20

/**
 * The file to Cloudinary, where the server plans and signs it.
 *
 * @example
 * createUploader({ backend: httpBackend({ url: '/uploads' }), strategies: [cloudinaryStrategy] })
 */
export const cloudinaryStrategy: UploadStrategy<CloudinaryPlan> = {
  kind: 'cloudinary',
  readPlan(raw, resolve) {
    const plan = readCloudinaryPlan(raw)
    return plan && { ...plan, url: resolve(plan.url) }
  },
  upload: (source, { url, fields, chunk_bytes: chunkBytes }, context) =>
    sendToCloudinary(source, context, { url, chunkBytes, fields: async () => fields }),
}

/** Where one file goes. */
export interface CloudinaryTarget {
  readonly url: string
  readonly chunkBytes?: number | undefined
  /** Asked for with the byte slot in hand: a signature is good for an hour. */
  fields(): Promise<TextFields>
}

/** Chunks that Cloudinary has: all bytes before `sentBytes`, as those of one upload. */
interface CloudinaryCheckpoint {
  readonly uploadId: string
  readonly sentBytes: number
}

/**
 * One request; above the size of a chunk one after the other: "First chunk must be first", "Last chunk must be last", and what is between them
 * gains nothing by being parallel that other files would not gain.
 */
export async function sendToCloudinary(source: UploadSource, context: TransferContext, target: CloudinaryTarget): Promise<TransferResult> {
  const { url, chunkBytes = CHUNK_BYTES } = target
  const { size } = source

  async function send(content: Blob, start: number, headers: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
    const response = await context.send(url, async () => ({
      method: 'POST',
      url,
      headers,
      answerMs: ANSWER_MS,
      body: [...textFields(await target.fields()), ['file', content, source.name]],
      onProgress: (sentBytes) => context.onProgress(start + Math.min(sentBytes, content.size)),
    }))
    if (!isOk(response)) throw cloudinaryError(response, context.now())
    const answer = readJson(response)
    if (!isRecord(answer)) {
      refusePage(response)
      throw new UploadError('bad_answer', 'Cloudinary answered with something other than JSON.')
    }
    context.onProgress(start + content.size)
    return answer
  }

  if (size <= chunkBytes) return { result: await send(await contentOf(source), 0, {}) }

  const saved = readCheckpoint(context.checkpoint.load(), size)
  // Unique, too, for a file that begins anew: what is left of the first try must not be taken for a part of it.
  const uploadId = saved?.uploadId ?? `${context.item.id}-${context.now().toString(36)}`
  let start = saved?.sentBytes ?? 0
  if (start > 0) context.onProgress(start)
  try {
    for (;;) {
      const end = Math.min(size, start + chunkBytes)
      const range = `bytes ${start}-${end - 1}/${size}`
      const answer = await send(await contentOf(source, start, end), start, { 'x-unique-upload-id': uploadId, 'content-range': range })
      if (end === size) return { result: whole(answer, end - start) }
      start = end
      context.checkpoint.save({ uploadId, sentBytes: start })
    }
  } catch (thrown) {
    if (saved === undefined || !(thrown instanceof UploadError) || thrown.code !== 'rejected' || thrown.retryable) throw thrown
    // It does not know the chunks of the earlier run any more: they are too old, or the answer that it has the whole file was lost.
    context.checkpoint.save(undefined)
    return sendToCloudinary(source, context, target)
  }
}

/** The answer to the last chunk, which has to be about the whole file. */
function whole(answer: Record<string, unknown>, lastBytes: number): Record<string, unknown> {
  if (answer['done'] !== false && answer['bytes'] !== lastBytes) return answer
  throw new UploadError('rejected', 'Cloudinary did not put the chunks of the file together.')
}

function readCheckpoint(value: unknown, size: number): CloudinaryCheckpoint | undefined {
  if (!isRecord(value)) return undefined
  const { uploadId, sentBytes } = value
  if (typeof uploadId !== 'string' || typeof sentBytes !== 'number' || !(sentBytes > 0 && sentBytes < size)) return undefined
  return { uploadId, sentBytes }
}

/** "Stale request": the signature is older than an hour, and another one helps. */
function cloudinaryError(response: HttpResponse, now: number): UploadError {
  const error = inItsWords(storageError(response, now), response, response.header('x-cld-error'))
  if (!/stale request/i.test(error.message)) return error
  return new UploadError('rejected', error.message, { status: response.status, retryable: true })
}
