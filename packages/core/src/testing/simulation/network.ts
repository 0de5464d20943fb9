import type { Clock } from '../../clock.js'
import { UploadError } from '../../errors.js'
import { STALL_MS } from '../../http/http-client.js'
import type { Fate, Route, Setting } from './scenario.js'
import type { Place, SimulatedResponse, SimulatedServer } from './simulated-server.js'

/** A request of a page, from its first byte to its answer. */
export interface Exchange {
  readonly page: string
  readonly route: Route
  readonly method: string
  readonly url: string
  /** Of requests for bytes. */
  readonly place: Place | undefined
  /** Of calls about one upload. */
  readonly operationId: string | undefined
  readonly fate: Fate | undefined
}

/** A request as a page makes it. */
export interface OutgoingRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly size: number
  /** Read as late as a browser reads it. */
  read(): Promise<Uint8Array<ArrayBuffer>>
  readonly signal: AbortSignal
  onProgress?(sentBytes: number): void
}

/** Who hears of requests. */
export interface NetworkObserver {
  requested(exchange: Exchange): void
  /** The page is about to hear this answer. `isGenuine`: it is the server's. */
  answered(exchange: Exchange, response: SimulatedResponse, isGenuine: boolean): void
}

/** The side of a page: its callbacks run through it, later where it sleeps, and never once it is gone. */
export interface NetworkPage {
  readonly name: string
  run(callback: () => void): void
}

export interface Storm {
  readonly origin: 'api' | 'storage'
  readonly status: 429 | 503
  readonly retryAfter: 'none' | 'seconds' | 'date'
  readonly ms: number
}

/** All that lies between pages and the server, on the virtual clock. */
export interface Network {
  /** Rejects as the port for bytes does: with an `UploadError`, or the signal's reason. */
  send(page: NetworkPage, request: OutgoingRequest): Promise<SimulatedResponse>
  /** The next request of a route ends like this. */
  nextFate(route: Route, fate: Fate): void
  storm(storm: Storm): void
  /** Whether anything gets through. What is under way breaks when it ends. */
  setConnected(isConnected: boolean): void
  setServerUp(isUp: boolean): void
  setDiskFull(isFull: boolean): void
  /** Breaks what a page has under way. */
  breakOff(page: NetworkPage): void
  /** Of one page, or of all. */
  inFlight(pageName?: string): readonly Exchange[]
  /** Requests so far. */
  readonly count: number
  /** Resolves when the server has nothing in hand. */
  idle(): Promise<void>
  /** From now on nothing goes wrong any more. */
  heal(): void
}

const ROUTES: Readonly<Record<string, Route>> = {
  'commands/upload-jobs': 'createUploads',
  'commands/parts': 'signParts',
  'queries/parts': 'listParts',
  'commands/complete': 'complete',
  'commands/cancel': 'cancel',
  'commands/retry': 'retry',
  'queries/operations': 'snapshot',
}
const SLOW_MS = 3000
const HOTEL = '<!doctype html><title>Sign in to the hotel’s network</title>'

interface UnderWay {
  readonly exchange: Exchange
  readonly page: NetworkPage
  breakOff(): void
}

export function createNetwork(options: {
  readonly clock: Clock
  readonly server: SimulatedServer
  readonly setting: Setting
  /** The server's clock. */
  readonly serverNow: () => number
  /** Whether the server accepts these credentials. */
  readonly isAuthorised: (headers: Readonly<Record<string, string>>) => boolean
  readonly observer: NetworkObserver
  readonly log: (line: () => string) => void
}): Network {
  const { clock, server, setting, observer, log } = options
  const fates = new Map<Route, Fate[]>()
  const underWay = new Set<UnderWay>()
  const handling = new Set<Promise<void>>()
  let storms: (Storm & { readonly untilMs: number })[] = []
  let isConnected = true
  let isServerUp = true
  let isDiskFull = false
  let count = 0

  function exchangeOf(page: NetworkPage, { method, url }: OutgoingRequest): Exchange {
    const place = server.placeOf(url)
    const [kind = '', ...rest] = url.slice(server.url.length).split('?')[0]?.split('/') ?? []
    const isOfUpload = rest[0] === 'uploads'
    const route = place === undefined ? (ROUTES[`${kind}/${rest.at(isOfUpload ? 2 : 0)}`] ?? 'probe') : 'bytes'
    const operationId = place?.operationId ?? (isOfUpload ? decodeURIComponent(rest[1] ?? '') : undefined)
    return { page: page.name, route, method, url, place, operationId, fate: fates.get(route)?.shift() }
  }

  /** What answers in the server's place. */
  function gate({ place, fate }: Exchange, { headers }: OutgoingRequest): SimulatedResponse | undefined {
    if (fate === 'page of a hotel') return { status: 200, headers: { 'content-type': 'text/html' }, text: HOTEL }
    if (typeof fate === 'number') return { status: fate, text: '' }
    const origin = place === undefined ? 'api' : 'storage'
    storms = storms.filter(({ untilMs }) => untilMs > clock.now())
    const storm = storms.find((one) => one.origin === origin)
    if (storm !== undefined) return { status: storm.status, headers: retryAfter(storm), text: '' }
    if (place === undefined && !options.isAuthorised(headers)) return { status: 401, text: '' }
    if (place !== undefined && isDiskFull) return { status: 507, text: JSON.stringify({ code: 'storage_full', retryable: true }) }
    return undefined
  }

  function retryAfter({ retryAfter: form, untilMs }: (typeof storms)[number]): Readonly<Record<string, string>> {
    const seconds = Math.ceil((untilMs - clock.now()) / 1000)
    if (form === 'none') return {}
    if (form === 'seconds') return { 'retry-after': String(seconds) }
    return { 'retry-after': new Date(options.serverNow() + seconds * 1000).toUTCString() }
  }

  return {
    send(page, request) {
      const exchange = exchangeOf(page, request)
      const { route, fate } = exchange
      const { signal, size } = request
      count += 1
      observer.requested(exchange)

      return new Promise((resolve, reject) => {
        let cancelTimer = () => {}
        let isArriving = true
        const mine: UnderWay = { exchange, page, breakOff: () => lose('the connection broke') }
        underWay.add(mine)

        function end(finish: () => void): boolean {
          if (!underWay.delete(mine)) return false
          cancelTimer()
          signal.removeEventListener('abort', onAbort)
          page.run(finish)
          return true
        }
        /** The server sees the half of a body that had come by then. */
        function lose(why: string): void {
          const error = new UploadError('network', `The connection was lost: ${why}.`)
          if (!end(() => reject(error))) return
          log(() => `${describe(exchange)}: ${why}`)
          if (isArriving && route === 'bytes') handleBroken()
        }
        function onAbort(): void {
          if (!underWay.delete(mine)) return
          cancelTimer()
          reject(signal.reason)
          log(() => `${describe(exchange)}: stopped by the page`)
          if (isArriving && route === 'bytes') handleBroken()
        }
        function handleBroken(): void {
          if (!isConnected || !isServerUp) return
          track(async () => {
            const body = await request.read().catch(() => new Uint8Array())
            await server.handle({ ...request, body: body.slice(0, Math.floor(body.length / 2)), isBroken: true })
          })
        }
        function after(ms: number, next: () => void): void {
          cancelTimer = clock.setTimeout(next, ms)
        }

        async function arrive(): Promise<void> {
          if (!isServerUp || !isConnected) return lose('nobody is there')
          const body = await request.read().catch(() => undefined)
          if (body === undefined) return lose('the file could not be read')
          if (route === 'bytes') page.run(() => request.onProgress?.(size))
          const instead = gate(exchange, request)
          const response = instead ?? (await server.handle({ ...request, body, isBroken: false }))
          isArriving = false
          const extra = fate === 'slow answer' ? SLOW_MS : 0
          if (fate === 'answer lost') return after(setting.latencyMs, () => lose('the answer was lost'))
          after(setting.latencyMs + extra, () =>
            end(() => {
              log(() => `${describe(exchange)}: ${response.status}${instead === undefined ? '' : ' on the way'}`)
              observer.answered(exchange, response, instead === undefined)
              resolve(response)
            }),
          )
        }

        if (signal.aborted) return onAbort()
        signal.addEventListener('abort', onAbort)
        log(() => `${describe(exchange)}${fate === undefined ? '' : ` (fate: ${fate})`}`)
        const sendMs = setting.latencyMs + size * setting.byteMs
        if (!isConnected || fate === 'lost') return after(1, () => lose('no way to the server'))
        if (fate === 'hangs') return route === 'bytes' ? after(STALL_MS, stall) : undefined
        if (fate === 'reset') return after(sendMs / 2, () => lose('reset in the middle'))
        if (request.onProgress === undefined || sendMs < 2) return after(sendMs + (fate === 'slow' ? SLOW_MS : 0), () => track(arrive))
        after(sendMs / 2, () => {
          page.run(() => request.onProgress?.(Math.floor(size / 2)))
          after(sendMs / 2 + (fate === 'slow' ? SLOW_MS : 0), () => track(arrive))
        })

        function stall(): void {
          const error = new UploadError('stalled', 'No byte moved for too long.')
          end(() => reject(error))
        }
      })
    },
    nextFate(route, fate) {
      const list = fates.get(route) ?? []
      fates.set(route, list)
      list.push(fate)
    },
    storm: (storm) => void storms.push({ ...storm, untilMs: clock.now() + storm.ms }),
    setConnected(value) {
      isConnected = value
      if (!value) for (const one of [...underWay]) one.breakOff()
    },
    setServerUp(value) {
      isServerUp = value
      if (!value) for (const { exchange, breakOff } of [...underWay]) if (exchange.place === undefined) breakOff()
    },
    setDiskFull(value) {
      isDiskFull = value
    },
    breakOff(page) {
      for (const one of [...underWay]) if (one.page === page) one.breakOff()
    },
    inFlight: (name) => [...underWay].filter(({ page }) => name === undefined || page.name === name).map(({ exchange }) => exchange),
    get count() {
      return count
    },
    async idle() {
      while (handling.size > 0) await Promise.all(handling)
      await server.settled?.()
    },
    heal() {
      fates.clear()
      storms = []
      isConnected = true
      isServerUp = true
      isDiskFull = false
    },
  }

  function track(work: () => Promise<void>): void {
    const done = work().finally(() => handling.delete(done))
    handling.add(done)
  }
}

function describe({ page, route, method, place, operationId }: Exchange): string {
  if (place === undefined) return `${page}: ${route}${operationId === undefined ? '' : ` ${operationId}`}`
  return `${page}: ${method} bytes of ${place.operationId}${place.part === 0 ? '' : `, part ${place.part}`}`
}
