import type { Environment } from '../environment.js'
import { ownError, UploadError } from '../errors.js'
import { apiError } from '../http/policy/classify.js'
import { readFetched } from '../http/fetched.js'
import { inTime } from '../http/policy/in-time.js'
import { sendWithHeaders, type HeadersOption } from '../http/policy/headers.js'
import type { HttpResponse } from '../http/http-client.js'
import { isOk } from '../strategies/answer.js'
import { isRecord, PROTOCOL_HEADER, PROTOCOL_VERSION } from '../protocol/index.js'

export interface JsonClientOptions {
  readonly url: string
  readonly headers?: HeadersOption
  readonly credentials?: RequestCredentials
  /** Whether the server speaks our protocol. One that does not might refuse a header that it does not know. @default true */
  readonly isOurs?: boolean
  readonly environment: Pick<Environment, 'fetch' | 'clock' | 'baseUrl'>
}

/** JSON in, a JSON object out (an empty one for 204), everything else an `UploadError`. */
export interface JsonClient {
  readonly origin: string | undefined
  /** An absolute URL, out of one that is relative to where the server adapter is mounted. */
  resolve(url: string): string
  /** Any JSON out; `undefined` where the answer is empty. */
  send(method: string, path: string, body: unknown, signal: AbortSignal): Promise<unknown>
  get(path: string, signal: AbortSignal): Promise<Record<string, unknown>>
  post(path: string, body: unknown, signal: AbortSignal): Promise<Record<string, unknown>>
}

/** How long an API call may take, in milliseconds. */
const API_TIMEOUT_MS = 30_000

export function createJsonClient(options: JsonClientOptions): JsonClient {
  const { url, headers, credentials = 'same-origin', isOurs = true, environment } = options
  const mount = mountUrl(url, environment.baseUrl)
  const origin = originOf(mount)
  const resolve = (relative: string) => (mount.startsWith('/') ? resolveWithoutOrigin(relative, mount) : new URL(relative, mount).href)

  async function send(method: string, path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    const response = await sendInTime(method, path, toJson(body), signal)
    if (!isOk(response)) throw apiError(response, environment.clock.now())
    if (response.text === '') return undefined
    try {
      return JSON.parse(response.text)
    } catch {
      // A login page or a proxy's apology, with a status that pretends to be an answer.
      throw notJson()
    }
  }

  async function call(method: string, path: string, body: unknown, signal: AbortSignal): Promise<Record<string, unknown>> {
    const answer = (await send(method, path, body, signal)) ?? {}
    if (!isRecord(answer)) throw notJson()
    return answer
  }

  async function sendInTime(method: string, path: string, body: string | undefined, signal: AbortSignal): Promise<HttpResponse> {
    try {
      return await inTime(environment.clock, API_TIMEOUT_MS, signal, (ends) =>
        sendWithHeaders(headers, origin ?? '', ends, async (own) => {
          const response = await environment.fetch(mount + path, {
            method,
            credentials,
            headers: {
              accept: 'application/json',
              ...(body !== undefined && { 'content-type': 'application/json' }),
              ...(isOurs && { [PROTOCOL_HEADER]: PROTOCOL_VERSION }),
              ...own,
            },
            body: body ?? null,
            signal: ends,
          })
          return readFetched(response)
        }),
      )
    } catch (cause) {
      signal.throwIfAborted()
      if (cause instanceof UploadError) throw cause
      throw ownError('network', 'The server could not be reached.', { cause })
    }
  }

  return {
    origin,
    resolve,
    send,
    get: (path, signal) => call('GET', path, undefined, signal),
    post: (path, body, signal) => call('POST', path, body, signal),
  }
}

function notJson(): UploadError {
  return ownError('bad_answer', 'The server answered something other than JSON. Is the address of the upload server right?')
}

function toJson(body: unknown): string | undefined {
  try {
    return JSON.stringify(body)
  } catch (cause) {
    // Not a network that failed: it would be tried again.
    throw new UploadError('validation', 'What belongs to the file, such as its metadata, cannot be written as JSON.', { cause })
  }
}

function mountUrl(url: string, baseUrl: string | undefined): string {
  const isPath = baseUrl === undefined && url.startsWith('/')
  if (!isPath && !URL.canParse(url, baseUrl))
    throw new UploadError('validation', `The address of the upload server, "${url}", is not a URL. Outside a page it has to be absolute.`)
  const absolute = isPath ? url : new URL(url, baseUrl).href
  return absolute.endsWith('/') ? absolute : `${absolute}/`
}

function originOf(mount: string): string | undefined {
  return mount.startsWith('/') ? undefined : new URL(mount).origin
}

/** Outside a browser there may be no base; a path is then resolved as a path. */
function resolveWithoutOrigin(relative: string, mount: string): string {
  const resolved = new URL(relative, new URL(mount, 'http://localhost'))
  return resolved.origin === 'http://localhost' ? resolved.pathname + resolved.search : resolved.href
}
