import type { HttpResponse } from '../http/http-client.js'
import { apiError, storageError } from '../http/policy/classify.js'
import { hasExpired, headersFor, type HeadersOption } from '../http/policy/headers.js'
import { isRecord, readFormPlan, sanitizeText, type FormPlan } from '../protocol/index.js'
import { ANSWER_MS, inItsWords, isOk, readJson, refusePage } from './answer.js'
import type { TransferContext, UploadSource, UploadStrategy } from './strategy.js'
import { contentOf } from './content.js'

/**
 * The file as a field of a form, `multipart/form-data`, where the server plans it: S3's POST policies, and endpoints that take nothing else.
 *
 * @example
 * createUploader({ backend: httpBackend({ url: '/uploads' }), strategies: [form] })
 */
export const form: UploadStrategy<FormPlan> = {
  kind: 'form',
  readPlan(raw, resolve) {
    const plan = readFormPlan(raw)
    return plan && { ...plan, url: resolve(plan.url) }
  },
  async upload(source, plan, context) {
    const { url, method, file_field: field, fields = {}, headers } = plan
    const response = await sendForm(source, context, { url, method, field, fields: async () => fields, headers })
    if (!isOk(response)) {
      // What expires is a permission for this upload, and the server can give another one; else it is about who is signed in.
      const error = plan.expires_in_s === undefined ? apiError : storageError
      throw inItsWords(error(response, context.now()), response)
    }
    return { result: readFormAnswer(response).result }
  },
}

/** A form for one file. */
export interface FormRequest {
  readonly url: string
  /** @default 'POST' */
  readonly method?: 'POST' | 'PUT' | undefined
  /** Of the file. @default 'file' */
  readonly field?: string | undefined
  /** The other fields. Looked up with the byte slot in hand, as the headers are: what they hold may be short-lived. */
  fields(): Promise<TextFields>
  readonly headers?: HeadersOption | undefined
  readonly credentials?: 'same-origin' | 'include' | undefined
}

/** Sends the form; once more where the answer says that the headers were too old. Any other answer is for the caller to judge. */
export async function sendForm(source: UploadSource, context: TransferContext, request: FormRequest): Promise<HttpResponse> {
  const { url, method = 'POST', field = 'file', headers, credentials } = request
  const { origin } = new URL(url, 'http://localhost')
  const file = await contentOf(source)
  const send = (attempt: number) =>
    context.send(url, async () => ({
      method,
      url,
      headers: await headersFor(headers, origin, attempt, context.signal),
      answerMs: ANSWER_MS,
      ...(credentials !== undefined && { credentials }),
      // The file comes last: S3 ignores the fields after it, and others want to know them before.
      body: [...textFields(await request.fields()), [field, file, source.name]],
      // The network counts what the form adds, too.
      onProgress: (sentBytes) => context.onProgress(Math.min(sentBytes, source.size)),
    }))

  let response = await send(1)
  if (typeof headers === 'function' && hasExpired(response)) response = await send(2)
  if (isOk(response)) context.onProgress(source.size)
  return response
}

/** Fields of a form by their names; one that is `undefined` is left out. */
export type TextFields = Readonly<Record<string, string | number | undefined>>

/** Fields as a form holds them. */
export function textFields(fields: TextFields): (readonly [name: string, value: string])[] {
  return Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as const]))
}

/** What the answer to a form says. */
export interface FormAnswer {
  /** How the server calls the work that it has begun with the file. Absent: there is none, the upload is finished. */
  readonly uploadId?: string | number | undefined
  /** Becomes the item's. */
  readonly result?: unknown
}

/**
 * JSON is the result, and its `uploadId` or `upload_id` names what follows. Any other text is the result, too: the bytes were taken, and a word
 * such as "OK" is no reason to send them again. Throws where a page answers.
 */
export function readFormAnswer(response: HttpResponse): FormAnswer {
  const json = readJson(response)
  if (json === undefined) {
    refusePage(response)
    return response.text.trim() === '' ? {} : { result: sanitizeText(response.text) }
  }
  if (!isRecord(json)) return { result: json }
  const uploadId = json['uploadId'] ?? json['upload_id']
  return { result: json, uploadId: typeof uploadId === 'string' || typeof uploadId === 'number' ? uploadId : undefined }
}
