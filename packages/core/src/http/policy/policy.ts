import type { Clock } from '../../clock.js'
import type { HttpClient } from '../http-client.js'
import { isThrottled, retryAfter, throttledError } from './classify.js'
import { createGates } from './gates.js'
import { originOf } from './origin.js'
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

  function heard(url: string | URL, answer: Parameters<typeof isThrottled>[0]): void {
    if (isThrottled(answer)) gates.throttled(originOf(url, network.baseUrl), retryAfter(answer, clock.now()).retryAfterMs)
    else if (!gates.areOpen()) gates.answered(originOf(url, network.baseUrl))
  }

  return {
    network: {
      ...network,
      async fetch(input, init) {
        const url = input instanceof Request ? input.url : input
        // Told at once, as the server would: whoever calls has a place for "later", and a deadline for answers.
        const retryAfterMs = gates.areOpen() ? 0 : gates.closedMs(originOf(url, network.baseUrl))
        if (retryAfterMs > 0) throw throttledError({ retryAfterMs, translatable: true })
        const response = await network.fetch(input, init)
        heard(url, { status: response.status, header: (name) => response.headers.get(name) ?? undefined })
        return response
      },
      http: {
        async send(request) {
          const response = await network.http.send(request)
          heard(request.url, response)
          return response
        },
      },
    },
    slots,
    wake: gates.wake,
    dispose: gates.dispose,
  }
}
