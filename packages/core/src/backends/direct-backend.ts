import type { Environment } from '../environment.js'
import { UploadError } from '../errors.js'
import type { UploadStrategy } from '../strategies/strategy.js'
import type { UploadBackend, UploadBackendFactory } from './backend.js'
import { probeOf } from './probe.js'

const noParts = () => Promise.reject(new UploadError('unsupported_plan', 'There is no server that signs or lists parts.'))

/** What is particular about a storage that needs no server of ours. */
export interface DirectStorage extends Partial<UploadBackend> {
  /** Sends every file. It gets by itself what it needs, just before the bytes go out. */
  readonly strategy: UploadStrategy
  /** An address there, to see whether it can be reached; `undefined` as long as none is known. */
  address(): string | undefined
}

/** A backend without a server of ours. Planning asks nobody and costs nothing, however many files there are. */
export function directBackend(storageIn: (environment: Environment) => DirectStorage): UploadBackendFactory {
  return ({ environment }) => {
    const { strategy, address, ...more } = storageIn(environment)
    return {
      strategies: [strategy],
      origin: undefined,
      createUploads: async ({ job_id = '', files }) => ({
        job_id,
        operations: files.map(({ client_ref, attempt = 1 }) => ({
          client_ref,
          // The same for as long as the file is: what an earlier run, or page, left in storage is found again.
          operation_id: `${client_ref}.${attempt}`,
          version: 0,
          plan: { kind: strategy.kind },
        })),
      }),
      signParts: noParts,
      listParts: noParts,
      complete: async () => undefined,
      cancel: async () => undefined,
      retry: async () => undefined,
      snapshot: async () => ({ operations: [], cursor: '', more: false }),
      probe: probeOf(environment, address),
      ...more,
    }
  }
}
