import { httpBackend } from '../../backends/http-backend.js'
import type { Clock } from '../../clock.js'
import { createUploader } from '../../create-uploader.js'
import type { Environment, WakeReason } from '../../environment.js'
import { bodySize } from '../../http/body.js'
import type { HttpRequest } from '../../http/http-client.js'
import type { UploaderOptions } from '../../options.js'
import type { Uploader } from '../../uploader.js'
import { createMemoryTransport, type MemoryTransport } from '../memory-transport.js'
import type { Browser, TabSession } from './browser.js'
import type { Network, NetworkPage, OutgoingRequest } from './network.js'
import type { Setting } from './scenario.js'

/** A browser's page with an uploader in it. */
export interface Page extends NetworkPage {
  readonly uploader: Uploader
  readonly transport: MemoryTransport
  /** Of the tab that the page is in. */
  readonly session: TabSession
  readonly isOpen: boolean
  readonly isAsleep: boolean
  /** When it woke last, in milliseconds since the epoch: all that it has missed it hears at that one moment. */
  readonly wokeAtMs: number
  /** What listeners threw. */
  readonly errors: readonly unknown[]
  /** The page is told that it is put aside: it may never run again. */
  hide(): void
  /** Timers and callbacks stand still. */
  sleep(): void
  wake(reason: WakeReason): void
  /** What the browser believes. */
  setOnline(isOnline: boolean): void
  /** How far its wall clock has been set from ours. */
  readonly clockOffsetMs: number
  /** Its wall clock is set, as a person or NTP does. */
  setClock(offsetMs: number): void
  /** The page is left in good order. */
  dispose(): Promise<void>
  /** The tab dies: nothing of it runs any more, and nothing was tidied up. */
  kill(): void
  /** What is still there of an uploader that was disposed, each as a few words. */
  leftovers(): readonly string[]
}

export interface PageOptions {
  readonly name: string
  readonly clock: Clock
  readonly browser: Browser
  readonly session: TabSession
  readonly network: Network
  readonly setting: Setting
  readonly serverUrl: string
  readonly random: () => number
  /** Credentials for the API: `attempt` 2 means that the first ones were refused. */
  readonly token: (attempt: number) => string
  /** The job of an earlier page. */
  readonly jobId?: string | undefined
  readonly isOnline: boolean
  /** Another file, half as long. */
  readonly halve: (file: File) => File
  /** Replaces options of the uploader; is given those that it would have. */
  readonly options?: ((defaults: UploaderOptions) => Partial<UploaderOptions>) | undefined
}

export function createPage({
  name,
  clock,
  network,
  setting,
  serverUrl,
  random,
  token,
  jobId,
  session,
  options,
  ...given
}: PageOptions): Page {
  const errors: unknown[] = []
  const timers = new Set<object>()
  const wakeListeners = new Set<(reason: WakeReason) => void>()
  const guards = new Set<object>()
  const transport = createMemoryTransport({ authoritative: setting.authoritative })
  let asleep: (() => void)[] | undefined
  let isOpen = true
  let isHidden = false
  let isOnline = given.isOnline
  let clockOffset = 0
  let wokeAtMs = -Infinity
  let ids = 0

  function run(callback: () => void): void {
    if (!isOpen) return
    if (asleep === undefined) callback()
    else asleep.push(callback)
  }

  function setTimer(callback: () => void, ms: number): () => void {
    const timer = {}
    timers.add(timer)
    const cancel = clock.setTimeout(() => {
      run(() => {
        if (timers.delete(timer)) callback()
      })
    }, ms)
    return () => {
      if (timers.delete(timer)) cancel()
    }
  }

  function guard(): () => void {
    const one = {}
    guards.add(one)
    return () => guards.delete(one)
  }

  const wakeAll = (reason: WakeReason) => {
    for (const listener of [...wakeListeners]) listener(reason)
  }
  const page = { name, run }
  const tab = given.browser.open({ ...page, isOpen: () => isOpen }, session)
  const send = (request: OutgoingRequest) => network.send(page, request)
  const environment: Environment = {
    clock: { now: () => clock.now() + clockOffset, setTimeout: setTimer },
    random,
    createId: () => `${name}-${(ids += 1)}`,
    nextFrame: (callback) => setTimer(callback, 16),
    isOnline: () => isOnline,
    onWake(listener) {
      wakeListeners.add(listener)
      return () => wakeListeners.delete(listener)
    },
    guardLeaving: guard,
    keepAwake: guard,
    http: {
      async send({ method, url, headers = {}, body, signal, onProgress }) {
        const size = bodySize(body)
        const {
          status,
          headers: answered = {},
          text,
        } = await send({
          method,
          url,
          headers,
          size,
          read: () => readBody(body),
          signal,
          onProgress: (sentBytes) => onProgress?.(sentBytes),
        })
        return { status, header: (header) => answered[header.toLowerCase()], text }
      },
    },
    async fetch(input, init = {}) {
      const body = new TextEncoder().encode(typeof init.body === 'string' ? init.body : '')
      const { status, headers, text } = await send({
        method: init.method ?? 'GET',
        url: input instanceof Request ? input.url : String(input),
        headers: { ...(init.headers as Record<string, string> | undefined) },
        size: 0,
        read: async () => body,
        signal: init.signal ?? new AbortController().signal,
      })
      return new Response(text, { status, headers: headers ?? {} })
    },
    baseUrl: 'http://app.test/',
    protocolOf: () => '',
    reportError: (error) => errors.push(error),
    debug() {},
  }

  const defaults: UploaderOptions = {
    backend: httpBackend({ url: serverUrl, headers: ({ attempt }) => ({ authorization: `Bearer ${token(attempt)}` }) }),
    realtime: transport.factory,
    multipartFromBytes: 8,
    partBytes: 4,
    beforeUnload: true,
    wakeLock: true,
    requestSlots: setting.requestSlots,
    concurrency: setting.concurrency,
    retry: { attempts: setting.attempts },
    processingDeadlineMs: setting.processingDeadlineMs,
    ...(jobId !== undefined && { jobId }),
    ...(tab.persistence !== undefined && { persistence: tab.persistence }),
    ...hooksOf(setting, environment.clock, given.halve),
    environment,
  }
  const uploader = createUploader({ ...defaults, ...options?.(defaults) })

  return {
    ...page,
    uploader,
    transport,
    session,
    errors,
    get isOpen() {
      return isOpen
    },
    get wokeAtMs() {
      return wokeAtMs
    },
    get isAsleep() {
      return asleep !== undefined
    },
    hide() {
      isHidden = true
      tab.tell('pagehide')
    },
    sleep() {
      asleep ??= []
    },
    wake(reason) {
      const missed = asleep ?? []
      asleep = undefined
      wokeAtMs = clock.now()
      for (const callback of missed) run(callback)
      if (isHidden) tab.tell('pageshow')
      isHidden = false
      wakeAll(reason)
    },
    setOnline(value) {
      const isBack = value && !isOnline
      isOnline = value
      if (isBack) run(() => wakeAll('online'))
    },
    get clockOffsetMs() {
      return clockOffset
    },
    setClock(offsetMs) {
      clockOffset += offsetMs
    },
    dispose: () => uploader.dispose(),
    kill() {
      isOpen = false
      tab.kill()
      network.breakOff(page)
    },
    leftovers: () => [
      ...(timers.size > 0 ? [`${timers.size} timers`] : []),
      ...(wakeListeners.size > 0 ? [`${wakeListeners.size} wake listeners`] : []),
      ...(guards.size > 0 ? [`${guards.size} guards of the page`] : []),
      ...(transport.topics.length > 0 ? [`${transport.topics.length} subscriptions`] : []),
      ...tab.leftovers(),
      ...network.inFlight(name).map(({ route }) => `a request for ${route}`),
    ],
  }
}

/** How long a slow hook takes, in milliseconds: a step of a script or two. */
const HOOK_MS = 3000

function hooksOf({ hooks }: Setting, clock: Clock, halve: (file: File) => File): Pick<UploaderOptions, 'restrictions' | 'prepare'> {
  const pause = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const cancel = clock.setTimeout(resolve, HOOK_MS)
      signal.addEventListener('abort', () => {
        cancel()
        reject(signal.reason)
      })
    })
  switch (hooks) {
    case 'none':
      return {}
    case 'slow':
      return {
        restrictions: { validate: (_file, { signal }) => pause(signal).then(() => undefined) },
        prepare: (file, { signal }) => pause(signal).then(() => file),
      }
    case 'refusing':
      return {
        restrictions: { validate: ({ size }) => (size === 15 ? 'Not fifteen bytes.' : undefined) },
        prepare(file) {
          if (file.size === 12) throw new Error('Twelve bytes are too much for this hook.')
          return file
        },
      }
    case 'halving':
      return { prepare: halve }
  }
}

async function readBody(body: HttpRequest['body']): Promise<Uint8Array<ArrayBuffer>> {
  if (body instanceof Blob) return new Uint8Array(await body.arrayBuffer())
  if (body === undefined) return new Uint8Array()
  throw new TypeError('This network carries no forms.')
}
