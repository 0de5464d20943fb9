import type { Environment } from './environment.js'
import { spawnWorker, type WorkerUrl } from './http/spawn-worker.js'
import { type WorkerClient, workerClient } from './http/worker-client.js'

/** An environment whose bytes leave from a Worker, if one can be had. */
export interface WorkerEnvironment {
  readonly environment: Environment
  /** Begun and ended by whoever uses the environment. */
  readonly worker: Pick<WorkerClient, 'start' | 'dispose'> | undefined
}

/** Puts a Worker in front of the environment's own client for bytes. Where no Worker can be had nothing changes. */
export function workerEnvironment(environment: Environment, url: WorkerUrl, debug: boolean): WorkerEnvironment {
  if (typeof Worker !== 'function' || typeof XMLHttpRequest !== 'function') return { environment, worker: undefined }
  const http = workerClient({
    clock: environment.clock,
    fallback: environment.http,
    spawn: () => spawnWorker(url),
    onUnavailable(reason) {
      if (debug) environment.debug('bytes leave from the main thread, because there is no Worker:', reason)
    },
  })
  return {
    environment: { ...environment, http, protocolOf: (origin) => http.protocolOf(origin) || environment.protocolOf(origin) },
    worker: http,
  }
}
