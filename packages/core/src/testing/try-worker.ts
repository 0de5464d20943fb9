import type { HttpClient } from '../http/http-client.js'
import { spawnWorker, type WorkerUrl } from '../http/spawn-worker.js'
import { type WorkerClient, workerClient } from '../http/worker-client.js'
import { createManualClock, type ManualClock } from './manual-clock.js'

/** A client in a browser, and what became of its Worker. */
export interface WorkerTrial {
  readonly client: WorkerClient
  readonly clock: ManualClock
  /** Resolves once the Worker is ready; or with the reason why there is none. */
  readonly outcome: Promise<string>
  /** Requests that went by the main thread. */
  direct(): number
}

/** Begins a Worker as the first request does. */
export function tryWorker(url: WorkerUrl, fallback: HttpClient): WorkerTrial {
  const clock = createManualClock()
  let direct = 0
  let conclude = (_outcome: string) => {}
  const outcome = new Promise<string>((resolve) => (conclude = resolve))
  const client = workerClient({
    clock,
    fallback: {
      send(request) {
        direct += 1
        return fallback.send(request)
      },
    },
    spawn() {
      const worker = spawnWorker(url)
      // In a task of its own: the client hears the same message after this listener.
      worker.addEventListener('message', () => setTimeout(conclude, 0, 'ready'), { once: true })
      return worker
    },
    onUnavailable: (reason) => conclude(reason),
  })
  return { client, clock, outcome, direct: () => direct }
}
