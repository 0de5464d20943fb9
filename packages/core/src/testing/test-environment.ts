import type { Environment, WakeReason } from '../environment.js'
import { UploadError } from '../errors.js'
import { splitBody } from './split-body.js'
import type { FormFields, HttpClient, HttpRequest, HttpResponse } from '../http/http-client.js'
import { createManualClock, type ManualClock } from './manual-clock.js'

/** A request that a test has to answer. */
export interface PendingRequest extends Omit<HttpRequest, 'body'> {
  /** Empty where the request has fields of a form, or nothing. */
  readonly body: Blob
  readonly form?: FormFields
  /** Tells the sender how far it is. */
  progress(sentBytes: number): void
  respond(status: number, headers?: Readonly<Record<string, string>>, text?: string): void
  /** The connection breaks. */
  fail(): void
  readonly isSettled: boolean
}

/** An environment in which nothing happens by itself. */
export interface TestEnvironment extends Environment {
  readonly clock: ManualClock
  /** Requests for bytes so far, oldest first. */
  readonly requests: readonly PendingRequest[]
  /** Those that wait for an answer. */
  waiting(): readonly PendingRequest[]
  /** How many wait for the next paint. */
  frames(): number
  /** Paints: views are told. */
  paint(): void
  goOffline(): void
  goOnline(): void
  wake(reason: WakeReason): void
  /** What holds right now of `guardLeaving` and `keepAwake`. */
  readonly guards: ReadonlySet<'leaving' | 'awake'>
  /** What listeners threw. */
  readonly errors: readonly unknown[]
}

/** `random` answers the same number each time; ids count up. */
export function createTestEnvironment({ random = 0.5 }: { readonly random?: number } = {}): TestEnvironment {
  const clock = createManualClock()
  const requests: PendingRequest[] = []
  const errors: unknown[] = []
  const guards = new Set<'leaving' | 'awake'>()
  const guard = (name: 'leaving' | 'awake') => () => {
    guards.add(name)
    return () => void guards.delete(name)
  }
  const frames = new Set<() => void>()
  const wakeListeners = new Set<(reason: WakeReason) => void>()
  let isOnline = true
  let ids = 0

  const http: HttpClient = {
    send: (request) =>
      new Promise<HttpResponse>((resolve, reject) => {
        if (request.signal.aborted) return reject(request.signal.reason)
        let isSettled = false
        const settle = (finish: () => void) => {
          if (isSettled) return
          isSettled = true
          finish()
        }
        request.signal.addEventListener('abort', () => settle(() => reject(request.signal.reason)))
        requests.push({
          ...request,
          ...splitBody(request.body),
          progress(sentBytes) {
            if (!isSettled) request.onProgress?.(sentBytes)
          },
          respond: (status, headers = {}, text = '') =>
            settle(() => resolve({ status, header: (name) => headers[name.toLowerCase()], text })),
          fail: () => settle(() => reject(new UploadError('network', 'The connection was lost.'))),
          get isSettled() {
            return isSettled
          },
        })
      }),
  }
  const wake = (reason: WakeReason) => {
    for (const listener of wakeListeners) listener(reason)
  }

  return {
    clock,
    requests,
    errors,
    http,
    waiting: () => requests.filter((request) => !request.isSettled),
    random: () => random,
    createId: () => `id-${(ids += 1)}`,
    nextFrame(callback) {
      frames.add(callback)
      return () => frames.delete(callback)
    },
    frames: () => frames.size,
    paint() {
      const due = [...frames]
      frames.clear()
      for (const callback of due) callback()
    },
    isOnline: () => isOnline,
    onWake(listener) {
      wakeListeners.add(listener)
      return () => wakeListeners.delete(listener)
    },
    guards,
    guardLeaving: guard('leaving'),
    keepAwake: guard('awake'),
    goOffline() {
      isOnline = false
    },
    goOnline() {
      isOnline = true
      wake('online')
    },
    wake,
    fetch: () => Promise.reject(new TypeError('This environment has no network.')),
    baseUrl: 'http://localhost/',
    protocolOf: () => '',
    reportError: (error) => errors.push(error),
    debug() {},
  }
}
