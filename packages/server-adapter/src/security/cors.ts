import { PROTOCOL_HEADER } from '@upload-panel/core/protocol'

/** Which other origins' pages may use this server. */
export interface CorsOptions {
  /** Exactly as browsers write them, such as `https://app.example.com`; `'*'` for all. */
  readonly origins: readonly string[] | '*'
  /** Whether browsers may send cookies along, and show the answer. Not with `'*'`. @default false */
  readonly credentials?: boolean
  /** How long browsers may remember that they asked, seconds. @default 7200, the most that Chromium takes */
  readonly maxAgeS?: number
}

/** Adds to an answer what lets a page of an allowed origin read it. */
export type Cors = (request: Request, headers: Headers) => void

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE'
/** What tus sends, and what it reads out of answers. */
const TUS_REQUEST = ['tus-resumable', 'upload-length', 'upload-metadata', 'upload-offset']
const TUS_ANSWER = ['location', 'tus-extension', 'tus-resumable', 'tus-version', 'upload-length', 'upload-offset']
const ALLOWED_HEADERS = ['authorization', 'content-type', 'last-event-id', PROTOCOL_HEADER, ...TUS_REQUEST].join(', ')
const EXPOSED_HEADERS = ['etag', 'retry-after', 'x-request-id', PROTOCOL_HEADER, ...TUS_ANSWER].join(', ')

/** @throws `TypeError` where an origin is none, or cookies would be sent for everyone */
export function createCors(options: CorsOptions | undefined): Cors {
  if (options === undefined) return () => {}
  const { origins, credentials = false, maxAgeS = 7200 } = options
  if (origins === '*' && credentials)
    throw new TypeError("cors.credentials needs cors.origins: with '*' every site could act as its visitor.")
  for (const origin of origins === '*' ? [] : origins) {
    if (!isOrigin(origin))
      throw new TypeError(`cors.origins has ${origin}, which no browser sends; write https://app.example.com, for example.`)
  }

  return (request, headers) => {
    // Also where nobody asked: a cache must not show a page of one origin what was for another.
    if (origins !== '*') headers.append('vary', 'origin')
    const origin = request.headers.get('origin')
    if (origin === null || (origins !== '*' && !origins.includes(origin))) return
    headers.set('access-control-allow-origin', origins === '*' ? '*' : origin)
    if (credentials) headers.set('access-control-allow-credentials', 'true')
    // A page reads the ETag of a part only where it is exposed.
    headers.set('access-control-expose-headers', EXPOSED_HEADERS)
    if (request.method !== 'OPTIONS') return
    headers.set('access-control-allow-methods', METHODS)
    headers.set('access-control-allow-headers', ALLOWED_HEADERS)
    headers.set('access-control-max-age', String(maxAgeS))
  }
}

/** Origins that may send commands with cookies. */
export function originsWithCookies(options: CorsOptions | undefined): readonly string[] {
  return options?.credentials === true && options.origins !== '*' ? options.origins : []
}

/** Apps have schemes of their own, such as `capacitor://localhost`, of which `URL` knows no origin. */
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[^\s/?#@*]+$/

function isOrigin(text: string): boolean {
  return ORIGIN.test(text) && URL.canParse(text) && (!text.startsWith('http') || new URL(text).origin === text)
}
