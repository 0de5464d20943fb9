import type { Clock } from '../clock.js'
import { UploadError } from '../errors.js'
import type { HttpRequest } from './http-client.js'
import type { RawResponse } from './raw-response.js'
import type { WorkerFailure, WorkerOrder, WorkerOutcome, WorkerWord } from './worker-messages.js'

/** How long progress is gathered before the page is told, in milliseconds: WebKit reports it a thousand times for 10 MB. */
const PROGRESS_MS = 50

export interface TransferServiceOptions {
  readonly clock: Clock
  send(request: HttpRequest): Promise<RawResponse>
  /** See `Environment.protocolOf`. */
  protocolOf(origin: string): string
  post(word: WorkerWord): void
}

/** The Worker's side: sends what the page orders. The returned function takes the orders. */
export function createTransferService({ clock, send, protocolOf, post }: TransferServiceOptions): (order: WorkerOrder) => void {
  const running = new Map<number, AbortController>()
  const untold = new Map<number, number>()
  const toldOrigins = new Set<string>()
  let isGathering = false

  function gather(id: number, sentBytes: number): void {
    untold.set(id, sentBytes)
    if (isGathering) return
    isGathering = true
    clock.setTimeout(() => {
      isGathering = false
      if (untold.size > 0) post({ progress: [...untold] })
      untold.clear()
    }, PROGRESS_MS)
  }

  async function run(id: number, request: Omit<HttpRequest, 'signal' | 'onProgress'>): Promise<void> {
    const controller = new AbortController()
    const { signal } = controller
    running.set(id, controller)
    let result: WorkerOutcome['result']
    try {
      result = { response: await send({ ...request, signal, onProgress: (sentBytes) => gather(id, sentBytes) }) }
    } catch (error) {
      result = { failure: failureOf(error) }
    }
    const sentBytes = untold.get(id)
    untold.delete(id)
    running.delete(id)
    if (!signal.aborted) post({ ended: id, sentBytes, result, protocol: 'response' in result ? protocolTo(request.url) : undefined })
  }

  function protocolTo(url: string): WorkerOutcome['protocol'] {
    const { origin } = new URL(url)
    const name = toldOrigins.has(origin) ? '' : protocolOf(origin)
    if (name === '') return undefined
    toldOrigins.add(origin)
    return [origin, name]
  }

  return (order) => {
    if ('send' in order) void run(order.send, order.request)
    else if ('abort' in order) running.get(order.abort)?.abort()
    else post({ progress: [] })
  }
}

function failureOf(error: unknown): WorkerFailure {
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof UploadError && (error.code === 'network' || error.code === 'stalled') ? error.code : undefined
  return { code, message }
}
