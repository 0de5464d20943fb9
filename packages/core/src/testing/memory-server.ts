import type { UploadBackend, UploadBackendFactory } from '../backends/backend.js'
import { abortedError, UploadError } from '../errors.js'
import {
  isTerminal,
  type CreatedUpload,
  type CreateUploadFile,
  type StoredPart,
  type SyncStatusUpdate,
  type UploadPlan,
} from '../protocol/index.js'
import { connectSync } from '../realtime/sync-session.js'
import { multipart } from '../strategies/multipart.js'
import { put } from '../strategies/put.js'

/** Where the plans of a memory server send their bytes. */
const STORAGE = 'http://storage.test'

export interface MemoryServerOptions {
  /** Bytes of every part but the last, for files that are to be sent in parts. @default 4 */
  readonly partBytes?: number
  /** How long its URLs are valid, in seconds. @default 3600 */
  readonly expiresInS?: number
  /** Leaves `version` away, as a sender that knows only the required fields does. @default false */
  readonly isUnversioned?: boolean
  /** Times of its words, in milliseconds since the epoch. @default one later with each word */
  readonly now?: () => number
}

/** A server in memory: it speaks the protocol by itself, and its processing is done by the test. */
export interface MemoryServer {
  /** For the `backend` option. */
  readonly backend: UploadBackendFactory
  /** Its calls. */
  readonly api: UploadBackend
  /** Calls so far, such as `createUploads 3`. */
  readonly calls: readonly string[]
  /** The current word on each operation, oldest operation first. */
  words(): readonly SyncStatusUpdate[]
  word(operationId: string): SyncStatusUpdate
  /** Writes a newer word on an operation, and answers it. */
  say(operationId: string, change: Partial<SyncStatusUpdate>): SyncStatusUpdate
  /** Storage takes a part; `etag` is of its number. */
  storePart(operationId: string, part: StoredPart): void
  /** The next calls of a route fail with this. */
  failNext(route: string, error: UploadError, times?: number): void
  /** Every call fails until `up()`. */
  down(): void
  up(): void
  /** Hears of every word when it is written. */
  onWord(listener: (update: SyncStatusUpdate) => void): void
}

interface Operation {
  word: SyncStatusUpdate
  readonly file: CreateUploadFile
  readonly parts: Map<number, StoredPart>
  readonly changedAt: { value: number }
  hasBytes: boolean
}

export function createMemoryServer({
  partBytes = 4,
  expiresInS = 3600,
  isUnversioned = false,
  now,
}: MemoryServerOptions = {}): MemoryServer {
  const operations = new Map<string, Operation>()
  const byKey = new Map<string, string>()
  const calls: string[] = []
  const failures = new Map<string, { error: UploadError; times: number }>()
  const listeners: ((update: SyncStatusUpdate) => void)[] = []
  let isDown = false
  let changes = 0

  const stamp = () => new Date(now?.() ?? Date.UTC(2026, 0, 1) + changes).toISOString()

  function must(id: string): Operation {
    const operation = operations.get(id)
    if (operation === undefined)
      throw new UploadError('rejected', 'This upload is not known.', { status: 404, remoteCode: 'unknown_operation' })
    return operation
  }

  function say(id: string, change: Partial<SyncStatusUpdate>): SyncStatusUpdate {
    const operation = must(id)
    changes += 1
    operation.changedAt.value = changes
    const { version: _version, error: _error, ...kept } = operation.word
    operation.word = { ...kept, timestamp: stamp(), ...(!isUnversioned && { version: changes }), ...change }
    for (const listener of listeners) listener(operation.word)
    return operation.word
  }

  function create(jobId: string, file: CreateUploadFile): string {
    const attempt = file.attempt ?? 1
    const key = `${file.client_ref} ${attempt}`
    const known = byKey.get(key)
    if (known !== undefined) return known
    const id = `operation-${operations.size + 1}`
    const word: SyncStatusUpdate = {
      operation_id: id,
      operation_type: 'upload',
      status: 'pending',
      progress: 0,
      timestamp: stamp(),
      job_id: jobId,
      client_ref: file.client_ref,
      attempt,
      file: { name: file.name, size: file.size, type: file.type },
    }
    operations.set(id, { word, file: { ...file, attempt }, parts: new Map(), changedAt: { value: 0 }, hasBytes: false })
    byKey.set(key, id)
    say(id, {})
    return id
  }

  function plan(id: string): UploadPlan {
    const { file } = must(id)
    const isMultipart = file.prefer?.kind === 'multipart'
    return isMultipart
      ? {
          kind: 'multipart',
          upload_id: `upload-${id}`,
          part_bytes: Math.min(partBytes, file.prefer?.part_bytes ?? partBytes),
          expires_in_s: expiresInS,
        }
      : { kind: 'put', url: `${STORAGE}/${id}`, method: 'PUT', headers: {}, expires_in_s: expiresInS }
  }

  /** One call: counted, and failed where the test wants it. A call takes a turn of the event loop, as every real one does. */
  async function call<T>(route: string, detail: string | number, signal: AbortSignal, answer: () => T): Promise<T> {
    calls.push(`${route} ${detail}`)
    await Promise.resolve()
    if (signal.aborted) throw signal.reason ?? abortedError('The call was aborted.')
    if (isDown) throw new UploadError('network', 'The server could not be reached.')
    const failure = failures.get(route)
    if (failure !== undefined && failure.times > 0) {
      failure.times -= 1
      throw failure.error
    }
    return answer()
  }

  const backend: UploadBackend = {
    strategies: [put, multipart],
    origin: 'http://api.test',
    connectSync,
    probe: (signal) => call('probe', '', signal, () => undefined),
    createUploads: ({ job_id = '', files }, signal) =>
      call('createUploads', files.length, signal, () => ({
        job_id,
        operations: files.map((file): CreatedUpload => {
          const { client_ref } = file
          const id = create(job_id, file)
          const { word } = must(id)
          const { status, version = 1 } = word
          const isSame = word.file?.name === file.name && word.file.size === file.size && word.file.type === file.type
          if (!isSame)
            return { client_ref, error: { code: 'idempotency_conflict', message: 'This attempt is another file.', retryable: false } }
          if (status === 'pending') return { operation_id: id, client_ref, version, plan: plan(id) }
          return { client_ref, error: { code: 'already_received', message: `This attempt is ${status} already.`, retryable: false } }
        }),
      })),
    signParts: (id, numbers, signal) =>
      call('signParts', numbers.join(','), signal, () => ({
        parts: numbers.map((number) => ({ part_number: number, url: `${STORAGE}/${id}/${number}` })),
        expires_in_s: expiresInS,
      })),
    listParts: (id, signal) => call('listParts', id, signal, () => [...must(id).parts.values()]),
    complete: (id, _transfer, signal) =>
      call('complete', id, signal, () => {
        const operation = must(id)
        operation.hasBytes = true
        return operation.word.status === 'pending' ? say(id, { status: 'in_progress' }) : operation.word
      }),
    cancel: (id, signal) =>
      call('cancel', id, signal, () => (isTerminal(must(id).word.status) ? must(id).word : say(id, { status: 'cancelled' }))),
    retry: (id, signal) =>
      call('retry', id, signal, () => {
        const { word, file, parts, hasBytes } = must(id)
        if (word.status === 'completed' || word.status === 'in_progress') return { update: word }
        if (hasBytes) return { update: say(id, { status: 'in_progress', progress: 0 }) }
        if (word.status === 'pending' && parts.size > 0) {
          return { operation_id: id, attempt: file.attempt ?? 1, version: word.version ?? 1, plan: plan(id) }
        }
        const attempt = (file.attempt ?? 1) + 1
        const next = create(word.job_id ?? '', { ...file, attempt })
        if (!isTerminal(word.status)) say(id, { status: 'failed', error: { code: 'superseded', message: 'Replaced.', retryable: false } })
        return { operation_id: next, attempt, version: must(next).word.version ?? 1, plan: plan(next) }
      }),
    snapshot: (request, signal) =>
      call('snapshot', 'ids' in request ? request.ids.join(',') : 'job', signal, () => {
        const since = Number(request.cursor ?? 0)
        const asked =
          'ids' in request
            ? request.ids.flatMap((id) => operations.get(id) ?? [])
            : [...operations.values()].filter((operation) => operation.changedAt.value > since)
        return { operations: asked.map((operation) => operation.word), cursor: String(changes), more: false }
      }),
  }

  return {
    backend: () => backend,
    api: backend,
    calls,
    words: () => [...operations.values()].map((operation) => operation.word),
    word: (id) => must(id).word,
    say,
    storePart: (id, part) => void must(id).parts.set(part.part_number, part),
    failNext: (route, error, times = 1) => void failures.set(route, { error, times }),
    down() {
      isDown = true
    },
    up() {
      isDown = false
    },
    onWord: (listener) => void listeners.push(listener),
  }
}
