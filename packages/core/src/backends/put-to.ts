import { UploadError } from '../errors.js'
import { storageError } from '../http/policy/classify.js'
import { isOk, refusePage } from '../strategies/answer.js'
import { createSigning, type FileToSend } from '../strategies/signed.js'
import { bodyOf } from '../strategies/content.js'
import type { UploadStrategy } from '../strategies/strategy.js'
import type { UploadBackendFactory } from './backend.js'
import { directBackend } from './direct-backend.js'

/** Where one file goes. */
export interface PutTarget {
  /** Absolute, or relative to the page. */
  readonly url: string
  /** @default 'PUT' */
  readonly method?: 'PUT' | 'POST' | 'PATCH'
  /** Besides the content type, which is the file's own unless it stands here. */
  readonly headers?: Readonly<Record<string, string>>
  /** How long the URL can be begun, in seconds from now. @default for ever; when storage refuses it, another one is asked for */
  readonly expiresInS?: number
  /** What the completed item shall carry as its `result`, such as the key of the object. */
  readonly result?: unknown
}

/**
 * Sends each file by one request to an address that a function of yours answers, such as a presigned URL of S3, GCS, R2 or Azure. The function
 * is asked when the file's turn is near, again when the URL has expired or storage refuses it, and again later when it fails: throw an
 * `UploadError` that is not `retryable` where there is no hope.
 *
 * @example
 * createUploader({ backend: putTo(async ({ name, type, signal }) => (await fetch(`/sign?${new URLSearchParams({ name, type })}`, { signal })).text()) })
 */
export function putTo(sign: (file: FileToSend) => string | PutTarget | Promise<string | PutTarget>): UploadBackendFactory {
  return directBackend(({ clock, baseUrl }) => {
    let address: string | undefined
    const targetOf = createSigning(clock, async (file) => {
      const target = readTarget(await sign(file), baseUrl)
      // The signature is nobody's business but storage's, and not needed to see whether it answers.
      address = target.url.replace(/\?.*$/, '')
      return target
    })
    const strategy: UploadStrategy = {
      kind: 'put-to',
      async upload(source, _plan, context) {
        const target = await targetOf(source, context)
        try {
          const body = await bodyOf(source)
          let used = target.first
          const response = await context.send(used.url, async () => {
            used = await target.use()
            const { url, method = 'PUT', headers } = used
            return { method, url, body, onProgress: context.onProgress, ...(headers !== undefined && { headers }) }
          })
          if (!isOk(response)) throw storageError(response, context.now())
          refusePage(response)
          context.onProgress(source.size)
          return { result: used.result }
        } finally {
          target.release()
        }
      },
    }
    return { strategy, address: () => address }
  })
}

function readTarget(answer: string | PutTarget | undefined, baseUrl: string | undefined): PutTarget {
  const target = typeof answer === 'string' ? { url: answer } : answer
  const isText = typeof target?.url === 'string' && target.url !== ''
  const url = isText && URL.canParse(target.url, baseUrl) ? new URL(target.url, baseUrl) : undefined
  if (target === undefined || url === undefined || !/^https?:$/.test(url.protocol))
    throw new UploadError('bad_answer', 'What was given to putTo did not answer with an address.')
  return { ...target, url: url.href }
}
