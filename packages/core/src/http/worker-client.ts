import type { Clock } from '../clock.js'
import { UploadError } from '../errors.js'
import type { HttpClient, HttpRequest, HttpResponse } from './http-client.js'
import { readResponse } from './raw-response.js'
import { WORKER_VERSION, type WorkerFailure, type WorkerOrder, type WorkerOutcome, type WorkerWord } from './worker-messages.js'

/** How long a Worker may take until it says that it is ready, in milliseconds. Nothing waits for it. */
const READY_MS = 30_000
/** How often a Worker with requests is asked whether it is still there, and how long one without is kept, in milliseconds. */
const PULSE_MS = 15_000
/** One ping without an answer does not tell: a page that was frozen, or busy, may get its timer before the answer that came meanwhile. */
const MAX_SILENCES = 2

export interface WorkerClientOptions {
  readonly clock: Clock
  /** Sends on the main thread: until the Worker is ready, and where there is none. */
  readonly fallback: HttpClient
  /** Makes the Worker. May throw. */
  spawn(): WorkerLike
  /** Why there is no Worker from now on. */
  onUnavailable(reason: string): void
}

/** What is used of a `Worker`. */
export type WorkerLike = Pick<Worker, 'onmessage' | 'onmessageerror' | 'onerror' | 'terminate'> & { postMessage(order: WorkerOrder): void }

export interface WorkerClient extends HttpClient {
  /** Begins the Worker, where there is none yet: requests are about to come. The first request does it too. */
  start(): void
  /** ALPN name of the protocol that the Worker used to an origin, or empty where it is not known. */
  protocolOf(origin: string): string
  /** Ends the Worker, and requests that it still has. */
  dispose(): void
}

interface Transfer {
  readonly onProgress: HttpRequest['onProgress']
  end(result: WorkerOutcome['result']): void
}

/**
 * Sends in a dedicated Worker, off the main thread. The Worker is begun when there is something to do and chosen by its own word that it is ready: a refusal
 * may be an exception (Trusted Types), an event (CSP, no file) or silence. Whatever goes wrong with it, requests go by the fallback from then on.
 */
export function workerClient({ clock, fallback, spawn, onUnavailable }: WorkerClientOptions): WorkerClient {
  const transfers = new Map<number, Transfer>()
  const protocols = new Map<string, string>()
  let state: 'idle' | 'starting' | 'ready' | 'off' = 'idle'
  let worker: WorkerLike | undefined
  let cancelTimer: (() => void) | undefined
  /** Pulses in a row without a word. */
  let silences = 0
  let ids = 0

  function start(): void {
    if (state !== 'idle') return
    state = 'starting'
    cancelTimer = clock.setTimeout(() => giveUp('It did not start in time.'), READY_MS)
    try {
      worker = spawn()
    } catch (error) {
      return giveUp(String(error))
    }
    worker.onmessage = ({ data }: MessageEvent<WorkerWord>) => hear(data)
    worker.onmessageerror = () => giveUp('It said what cannot be read.')
    worker.onerror = (event) => {
      // Handled: not for the page's own `error` listeners.
      event.preventDefault()
      giveUp(event.message || 'Its file could not be loaded.')
    }
  }

  function stop(next: 'idle' | 'off'): void {
    state = next
    cancelTimer?.()
    if (worker === undefined) return
    worker.onmessage = worker.onmessageerror = null
    // It may have failed twice before it was ended.
    worker.onerror = (event) => event.preventDefault()
    worker.terminate()
    worker = undefined
  }

  function giveUp(reason: string): void {
    dispose()
    onUnavailable(reason)
  }

  function dispose(): void {
    stop('off')
    for (const transfer of transfers.values()) transfer.end({ failure: { code: 'network', message: 'The transfer was interrupted.' } })
  }

  /** A Worker can die without a word, of too little memory. */
  function pulse(): void {
    silences += 1
    if (silences > 1 && transfers.size === 0) return stop('idle')
    if (silences > MAX_SILENCES) return giveUp('It does not answer.')
    if (transfers.size > 0) worker?.postMessage({ ping: true })
    cancelTimer = clock.setTimeout(pulse, PULSE_MS)
  }

  function hear(word: WorkerWord): void {
    silences = 0
    if ('ended' in word) {
      const { ended, sentBytes, protocol, result } = word
      if (protocol !== undefined) protocols.set(...protocol)
      const transfer = transfers.get(ended)
      if (sentBytes !== undefined) transfer?.onProgress?.(sentBytes)
      transfer?.end(result)
    } else if ('progress' in word) {
      for (const [id, sentBytes] of word.progress) transfers.get(id)?.onProgress?.(sentBytes)
    } else if (state === 'starting') {
      if (word.ready !== WORKER_VERSION) return giveUp('Its file is of another version.')
      state = 'ready'
      cancelTimer?.()
      cancelTimer = clock.setTimeout(pulse, PULSE_MS)
    }
  }

  function sendByWorker({ signal, onProgress, ...request }: HttpRequest): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const id = (ids += 1)
      const settle = (finish: () => void) => {
        transfers.delete(id)
        signal.removeEventListener('abort', onAbort)
        finish()
      }
      const onAbort = () => {
        worker?.postMessage({ abort: id })
        settle(() => reject(signal.reason))
      }
      worker?.postMessage({ send: id, request })
      // The Worker is not dead because nothing was asked of it for a while.
      if (transfers.size === 0) silences = 0
      signal.addEventListener('abort', onAbort)
      transfers.set(id, {
        onProgress,
        end: (result) => settle(() => ('response' in result ? resolve(readResponse(result.response)) : reject(errorOf(result.failure)))),
      })
    })
  }

  return {
    start,
    send(request) {
      start()
      return state === 'ready' ? sendByWorker(request) : fallback.send(request)
    },
    protocolOf: (origin) => protocols.get(origin) ?? '',
    dispose,
  }
}

function errorOf({ code, message }: WorkerFailure): UploadError {
  return new UploadError(code ?? 'bad_answer', message, { translatable: code !== undefined })
}
