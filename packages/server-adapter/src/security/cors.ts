import { PROTOCOL_HEADER } from '@upload-panel/core/protocol'

/** Which other origins' pages may use this server. */
export interface CorsOptions {
  /** Such as `https://app.example.com`; `'*'` for all, then without cookies. */
  readonly origins: readonly string[] | '*'
}

/** Adds to an answer what lets a page of an allowed origin read it. */
export type Cors = (request: Request, headers: Headers) => void

const ALLOWED_HEADERS = ['authorization', 'content-type', 'last-event-id', PROTOCOL_HEADER].join(', ')
const EXPOSED_HEADERS = ['etag', 'retry-after', PROTOCOL_HEADER].join(', ')
const PREFLIGHT_AGE_S = 7200

export function createCors(options: CorsOptions | undefined): Cors {
  return (request, headers) => {
    const origin = request.headers.get('origin')
    if (options === undefined || origin === null) return
    const { origins } = options
    headers.append('vary', 'origin')
    if (origins !== '*' && !origins.includes(origin)) return
    headers.set('access-control-allow-origin', origins === '*' ? '*' : origin)
    if (origins !== '*') headers.set('access-control-allow-credentials', 'true')
    // A page reads the ETag of a part only where it is exposed.
    headers.set('access-control-expose-headers', EXPOSED_HEADERS)
    if (request.method !== 'OPTIONS') return
    headers.set('access-control-allow-methods', 'GET, POST, PUT')
    headers.set('access-control-allow-headers', ALLOWED_HEADERS)
    headers.set('access-control-max-age', String(PREFLIGHT_AGE_S))
  }
}
