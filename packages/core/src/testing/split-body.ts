import type { FormFields, HttpRequest } from '../http/http-client.js'

/** A body as tests look at it: always a Blob, and the fields where it is a form. */
export function splitBody(body: HttpRequest['body']): { readonly body: Blob; readonly form?: FormFields } {
  if (body instanceof Blob) return { body }
  return { body: new Blob(), ...(body !== undefined && { form: body }) }
}
