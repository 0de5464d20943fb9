import type { Clock } from '../../clock.js'
import type { HttpClient } from '../http-client.js'
import { isThrottled, retryAfter, throttledError } from './classify.js'
import { createGates } from './gates.js'
import { createSlots, type Slots } from './slots.js'

/** The ways out of the page. */
interface Network {
  readonly clock: Clock
  random(): number
  readonly fetch: typeof fetch
  readonly http: HttpClient
  readonly baseUrl: string | undefined
}

/** One policy for all that leaves the page, bytes and calls alike. */
export interface Policy<N extends Network> {
  /** The same network, kept to what servers ask for. */
  readonly network: N
  /** For bytes: taken before a request is sent. */
  readonly slots: Slots
  wake(): void
  dispose(): void
}

/** `slotsOf` is the most byte requests to an origin that make sense at once. */
export function applyPolicy<N extends Network>(network: N, slotsOf: (origin: string) => number): Policy<N> {
  const { clock } = network
  const gates = createGates(clock, network.random, (origin) => slots.raised(origin))
  const slots = createSlots(slotsOf, gates.limit)

  function heard(origin: string, answer: Parameters<typeof isThrottled>[0]): void {
    if (isThrottled(answer)) gates.throttled(origin, retryAfter(answer, clock.now()).retryAfterMs)
    else gates.answered(origin)
  }

  return {
    network: {
      ...network,
      async fetch(input, init) {
        const origin = originOf(input instanceof Request ? input.url : input, network.baseUrl)
        // Told at once, as the server would: whoever calls has a place for "later", and a deadline for answers.
        const retryAfterMs = gates.closedMs(origin)
        if (retryAfterMs > 0) throw throttledError({ retryAfterMs })
        const response = await network.fetch(input, init)
        heard(origin, { status: response.status, header: (name) => response.headers.get(name) ?? undefined })
        return response
      },
      http: {
        async send(request) {
          const response = await network.http.send(request)
          heard(originOf(request.url, network.baseUrl), response)
          return response
        },
      },
    },
    slots,
    wake: gates.wake,
    dispose: gates.dispose,
  }
}

/** Outside a page a path may have no origin; then all paths have the same one. */
function originOf(url: string | URL, baseUrl: string | undefined): string {
  return new URL(url, baseUrl ?? 'http://localhost').origin
}
