import type { HttpResponse } from '../http/http-client.js'
import { apiError } from '../http/policy/classify.js'
import type { HeadersOption } from '../http/policy/headers.js'
import type { Follow } from '../realtime/follow.js'
import { inItsWords, isOk, readJson } from '../strategies/answer.js'
import { readFormAnswer, sendForm, type FormAnswer, type TextFields } from '../strategies/form.js'
import { createSigning, type FileToSend } from '../strategies/signed.js'
import type { UploadStrategy } from '../strategies/strategy.js'
import { absolute } from './absolute.js'
import type { UploadBackendFactory } from './backend.js'
import { directBackend } from './direct-backend.js'
import { readUploadId } from './upload-id.js'

/** An answer to a form that was taken, with a status of 200 to 299. */
export interface FormResponse extends HttpResponse {
  /** The answer as JSON, where it is some. */
  readonly json: unknown
}

/** What `postForm` takes. Only `url` is needed. */
export interface PostFormOptions {
  /** The endpoint that takes the form. Relative to the page, or absolute. */
  readonly url: string
  /** Name of the field with the file. @default 'file' */
  readonly field?: string
  /** @default 'POST' */
  readonly method?: 'POST' | 'PUT'
  /** What else the form holds, the same for all files or asked for each, just before it is sent. It stands before the file. */
  readonly fields?: TextFields | ((file: FileToSend) => TextFields | Promise<TextFields>)
  /** `include`: cookies go along although the endpoint is of another origin, which must allow it. @default 'same-origin' */
  readonly credentials?: 'same-origin' | 'include'
  /** Headers for each request, such as `authorization`; asked again once when the server answers that they are too old. */
  readonly headers?: HeadersOption
  /**
   * Reads the answer; throws where it is a refusal in spite of its status.
   * @default JSON is the result, and its `uploadId` or `upload_id` is the id; other text is the result; a page is an error
   */
  readonly response?: (response: FormResponse) => FormAnswer | Promise<FormAnswer>
  /** `followUploads()` from `@upload-panel/core/follow`: an upload whose answer names an id is processing until `realtime` says that it is done. */
  readonly follow?: Follow
}

/**
 * Sends each file by one form, `multipart/form-data`, to an endpoint that you have.
 *
 * @example
 * createUploader({ backend: postForm({ url: '/upload', field: 'avatar' }) })
 */
export function postForm(options: PostFormOptions): UploadBackendFactory {
  const { url, field, method, fields = {}, credentials, headers, response: read, follow } = options
  return directBackend(({ clock, baseUrl }) => {
    const target = absolute('the form', url, baseUrl)
    const fieldsOf = createSigning<{ readonly fields: TextFields; readonly expiresInS?: number }>(clock, async (file) => ({
      fields: typeof fields === 'function' ? await fields(file) : fields,
    }))
    const strategy: UploadStrategy = {
      kind: 'post-form',
      async upload(source, _plan, context) {
        const own = await fieldsOf(source, context)
        try {
          const request = { url: target, method, field, fields: async () => (await own.use()).fields, credentials, headers }
          const response = await sendForm(source, context, request)
          if (!isOk(response)) throw inItsWords(apiError(response, context.now()), response)
          const { uploadId, result } = read === undefined ? readFormAnswer(response) : await read({ ...response, json: readJson(response) })
          const operationId = follow === undefined ? undefined : readUploadId(uploadId)
          return { result, ...(operationId !== undefined && { operationId }) }
        } finally {
          own.release()
        }
      },
    }
    return { strategy, address: () => target, ...follow }
  })
}
