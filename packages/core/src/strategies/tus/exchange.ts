import type { HttpResponse } from '../../http/http-client.js'
import { hasExpired, headersFor, type HeadersOption } from '../../http/policy/headers.js'
import type { TusPlan } from '../../protocol/index.js'
import type { StorageRequest, TransferContext } from '../strategy.js'
import { isOk } from '../answer.js'
import { tusError, type Refusal } from './answers.js'

/** Sends one request; rejects with an `UploadError` for an answer that `accepts` does not take: for all but 2xx, where it is absent. */
export type Exchange = (request: StorageRequest, accepts?: (response: HttpResponse) => boolean) => Promise<HttpResponse>

export interface ExchangeOptions {
  /** Sent to the origins that the plan names, and to no other: a server may put an upload where it likes, but not a user's token. */
  readonly headers?: HeadersOption
  readonly refusal: Refusal
}

export function createExchange(plan: TusPlan, context: TransferContext, { headers, refusal }: ExchangeOptions): Exchange {
  const named = new Set([plan.endpoint, plan.upload_url ?? plan.endpoint].map((url) => new URL(url).origin))

  return async (request, accepts = isOk) => {
    const { origin } = new URL(request.url)
    const isNamed = named.has(origin)
    const send = (attempt: number): Promise<HttpResponse> =>
      // With the slot in hand: a token may live no longer than the wait for it.
      context.send(request.url, async () => {
        const own = isNamed ? { ...plan.headers, ...(await headersFor(headers, origin, attempt, context.signal)) } : {}
        return withHeaders(request, own)
      })
    let response = await send(1)
    if (isNamed && typeof headers === 'function' && hasExpired(response)) response = await send(2)
    if (!accepts(response)) throw tusError(request.method, response, context.now(), refusal)
    return response
  }
}

/** The headers that the request already has are the protocol's, and have the last word. */
export function withHeaders(request: StorageRequest, more: Readonly<Record<string, string>>): StorageRequest {
  return { ...request, headers: { ...more, ...request.headers } }
}
