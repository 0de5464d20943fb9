import { toUploadError } from '../errors.js'
import type { HeadersOption } from '../http/policy/headers.js'
import {
  isId,
  isRecord,
  isSignedPart,
  isStoredPart,
  sanitizeText,
  type AnyPlan,
  type CompleteRequest,
  type CreatedUpload,
  type RetryAnswer,
  type SignPartsRequest,
} from '../protocol/index.js'
import { reportProgress } from '../realtime/progress-reports.js'
import { connectSync } from '../realtime/sync-session.js'
import { multipart } from '../strategies/multipart.js'
import { put } from '../strategies/put.js'
import { badAnswer, listIn, readSnapshot, readUpdate } from './answers.js'
import type { UploadBackend, UploadBackendFactory } from './backend.js'
import { createJsonClient } from './json-client.js'
import { isUnreached } from './probe.js'
import { createPlanReader } from './read-plan.js'

/** Where the server adapter, or an API that speaks its routes, is mounted. */
export interface HttpBackendOptions {
  /** Relative to the page, or absolute. */
  readonly url: string
  /** Headers for each API call, such as `authorization`; asked again once when the server answers 401. Never sent to storage. */
  readonly headers?: HeadersOption
  /** As in `fetch`. @default 'same-origin' */
  readonly credentials?: RequestCredentials
}

/** The routes of `docs/protocol.md`, with the plans `put` and `multipart`. */
export function httpBackend(options: HttpBackendOptions): UploadBackendFactory {
  return ({ environment, strategies: others }): UploadBackend => {
    const client = createJsonClient({ ...options, environment })
    const prober = createJsonClient({ ...options, headers: headersOrNone(options.headers), environment })
    const route = (id: string, name: string) => `uploads/${encodeURIComponent(id)}/${name}`
    const command = (id: string, name: string, body: unknown, signal: AbortSignal) =>
      client.post(`commands/${route(id, name)}`, body, signal)
    const readPlan = createPlanReader([put, multipart, ...others], client.resolve)

    return {
      strategies: [put, multipart],
      async probe(signal) {
        try {
          await prober.get('queries/health', signal)
        } catch (thrown) {
          // Whatever the server says, it was reached.
          if (isUnreached(thrown, environment.isOnline)) throw thrown
        }
      },
      origin: client.origin,
      connectSync(options) {
        const session = connectSync(options)
        const endReports = reportProgress({ ...options, send: (report, signal) => client.post('commands/upload/progress', report, signal) })
        return {
          ...session,
          dispose() {
            endReports()
            session.dispose()
          },
        }
      },
      async createUploads(request, signal) {
        const answer = await client.post('commands/upload-jobs', request, signal)
        if (!isId(answer['job_id'])) throw badAnswer('job_id')
        return { job_id: answer['job_id'], operations: listIn(answer, 'operations', isRecord).map((raw) => readCreated(raw, readPlan)) }
      },
      async signParts(id, partNumbers, signal, checksums) {
        const answer = await command(id, 'parts', { part_numbers: partNumbers, checksums } satisfies SignPartsRequest, signal)
        const parts = listIn(answer, 'parts', isSignedPart)
        const { expires_in_s } = answer
        if (typeof expires_in_s !== 'number' || !(expires_in_s > 0)) throw badAnswer('expires_in_s')
        return { parts: parts.map((part) => ({ ...part, url: client.resolve(part.url) })), expires_in_s }
      },
      async listParts(id, signal) {
        return listIn(await client.get(`queries/${route(id, 'parts')}`, signal), 'parts', isStoredPart)
      },
      async complete(id, { parts, checksum, result }, signal) {
        // The storage is the server, and has said it with its answer to the bytes.
        if (isRecord(result) && 'update' in result) return readUpdate(result)
        return readUpdate(await command(id, 'complete', { parts, checksum } satisfies CompleteRequest, signal))
      },
      async cancel(id, signal) {
        return readUpdate(await command(id, 'cancel', {}, signal))
      },
      async retry(id, signal): Promise<RetryAnswer<AnyPlan>> {
        const answer = await command(id, 'retry', {}, signal)
        if ('update' in answer) return { update: readUpdate(answer) }
        const { operation_id, attempt, version } = answer
        if (!isId(operation_id) || typeof attempt !== 'number' || typeof version !== 'number') throw badAnswer('operation_id')
        return { operation_id, attempt, version, plan: readPlan(answer['plan']) }
      },
      async snapshot(request, signal) {
        return readSnapshot(await client.post('queries/operations', request, signal))
      },
    }
  }
}

/** Whether the server can be reached does not depend on what the page's own function is able to do. */
function headersOrNone(headers: HeadersOption = {}): HeadersOption {
  if (typeof headers !== 'function') return headers
  return async (call) => {
    try {
      return await headers(call)
    } catch {
      return {}
    }
  }
}

function readCreated(raw: Record<string, unknown>, readPlan: (raw: unknown) => AnyPlan): CreatedUpload<AnyPlan> {
  const { client_ref, operation_id, version, error } = raw
  if (!isId(client_ref)) throw badAnswer('operations')
  if (isRecord(error)) {
    const { code, message, retryable } = error
    if (typeof code !== 'string' || typeof message !== 'string') throw badAnswer('error')
    return { client_ref, error: { code: sanitizeText(code, 100), message: sanitizeText(message), retryable: retryable === true } }
  }
  if (!isId(operation_id) || typeof version !== 'number') throw badAnswer('operation_id')
  try {
    return { operation_id, client_ref, version, plan: readPlan(raw['plan']) }
  } catch (thrown) {
    // One plan that this version cannot follow must not stop the other files of the call.
    return { client_ref, error: { code: 'unusable_plan', message: toUploadError(thrown).message, retryable: false } }
  }
}
