import type { FormFields, HttpRequest } from './http-client.js'

/**
 * The body as browsers take it; `null` where there is none. A slice of a `File`: Chromium holds it to the file's date, and sends a `File` itself as
 * it finds it then, cut short or changed. Not made sooner, because making it blocks the thread that asks for about a millisecond.
 */
export function toBodyInit(body: HttpRequest['body']): Blob | FormData | null {
  if (body instanceof File) return body.slice(0, body.size, body.type)
  if (body === undefined || body instanceof Blob) return body ?? null
  const form = new FormData()
  for (const [name, value, fileName] of body) {
    if (typeof value === 'string') form.append(name, value)
    // Without a name of ours a Blob would be called "blob".
    else if (fileName === undefined) form.append(name, value)
    else form.append(name, value, fileName)
  }
  return form
}

/** Bytes of content. What the encoding of a form adds is not known here. */
export function bodySize(body: HttpRequest['body']): number {
  if (body === undefined) return 0
  return body instanceof Blob ? body.size : sizeOfFields(body)
}

function sizeOfFields(fields: FormFields): number {
  let size = 0
  for (const [, value] of fields) size += typeof value === 'string' ? value.length : value.size
  return size
}
