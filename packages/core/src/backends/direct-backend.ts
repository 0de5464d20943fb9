import type { Environment } from '../environment.js'
import { UploadError } from '../errors.js'
import type { UploadStrategy } from '../strategies/strategy.js'
import type { UploadBackend, UploadBackendFactory } from './backend.js'

const noParts = () => Promise.reject(new UploadError('unsupported_plan', 'There is no server that signs or lists parts.'))

/**
 * A backend for storages that need no server of ours: all files are sent by one strategy, which gets by itself what it needs, just before
 * the bytes go out. So planning asks nobody and costs nothing, however many files there are.
 */
export function directBackend(
  strategyIn: (environment: Environment) => UploadStrategy,
  more: Partial<UploadBackend> = {},
): UploadBackendFactory {
  return ({ environment }) => {
    const strategy = strategyIn(environment)
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
      ...more,
    }
  }
}
