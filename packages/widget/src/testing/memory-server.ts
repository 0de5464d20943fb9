import {
  createUploader,
  type Environment,
  type HttpRequest,
  httpBackend,
  type RealtimeFactory,
  type TopicHandlers,
  type Uploader,
  type UploaderOptions,
} from '@upload-panel/core'
import type { CreateUploadsRequest, SyncStatusUpdate } from '@upload-panel/core/protocol'
import { atom } from 'nanostores'

/** Bytes on their way to storage: they move when the test says so. */
export interface Transfer {
  readonly operationId: string
  readonly isAborted: boolean
  progress(sentBytes: number): void
  /** Storage has them all. */
  finish(): void
  /** The connection is cut. */
  answer(status: number): void
}

/** The other end of a real uploader: speaks the protocol, keeps nothing, and does what the test says. */
export interface MemoryServer {
  /** Commands and queries so far, as `POST commands/upload-jobs`. */
  readonly requests: readonly string[]
  readonly fetch: Environment['fetch']
  /** A real uploader that talks to this server alone. */
  createUploader(options?: Partial<UploaderOptions>): Uploader
  /** Resolves when the n-th operation was asked for. */
  planned(index: number): Promise<void>
  /** The transfer of the n-th operation, once it has begun. */
  transfer(index: number): Promise<Transfer>
  /** Resolves when the server was told that the bytes of the n-th operation are in storage. */
  completed(index: number): Promise<void>
  /** The server's word about the n-th operation, through realtime. */
  say(index: number, word: Partial<SyncStatusUpdate>): void
}

export function memoryServer(): MemoryServer {
  const requests: string[] = []
  const operationIds: string[] = []
  const transfers = new Map<string, Transfer>()
  const waiting = new Set<() => void>()
  const completedIds = new Set<string>()
  const subscribers = new Set<TopicHandlers>()
  let version = 0

  const settle = () => {
    for (const check of waiting) check()
  }
  const until = <T>(look: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const check = () => {
        const found = look()
        if (found === undefined) return
        waiting.delete(check)
        resolve(found)
      }
      waiting.add(check)
      check()
    })

  const update = (id: string, word: Partial<SyncStatusUpdate>): SyncStatusUpdate => ({
    operation_id: id,
    operation_type: 'upload',
    status: 'in_progress',
    progress: 0,
    timestamp: '2026-01-01T00:00:00.000Z',
    version: ++version,
    ...word,
  })

  const answerTo = (route: string, body: unknown): unknown => {
    if (route.endsWith('commands/upload-jobs')) {
      const { job_id, files } = body as CreateUploadsRequest
      const operations = files.map(({ client_ref }) => {
        const id = `operation-${operationIds.length}`
        operationIds.push(id)
        return {
          operation_id: id,
          client_ref,
          version: ++version,
          plan: { kind: 'put', url: `storage/${id}`, method: 'PUT', headers: {}, expires_in_s: 900 },
        }
      })
      settle()
      return { job_id, operations }
    }
    const [, id = '', command] = /commands\/uploads\/([^/]+)\/(\w+)$/.exec(route) ?? []
    if (command === 'complete') {
      completedIds.add(id)
      settle()
      return { update: update(id, {}) }
    }
    if (command === 'cancel') return { update: update(id, { status: 'cancelled' }) }
    if (command === 'retry') return { update: update(id, { status: 'in_progress' }) }
    return { operations: [], cursor: 'cursor', more: false }
  }

  const fetch: Environment['fetch'] = async (input, init) => {
    const { pathname } = new URL(new Request(input).url)
    requests.push(`${init?.method ?? 'GET'} ${pathname.replace(/^\/uploads\//, '')}`)
    init?.signal?.throwIfAborted()
    const body: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined
    return Response.json(answerTo(pathname, body), { headers: { 'upload-panel-protocol': '1' } })
  }

  const send = ({ url, signal, onProgress }: HttpRequest) =>
    new Promise<{ status: number; text: string; header: () => undefined }>((resolve, reject) => {
      const operationId = url.slice(url.lastIndexOf('/') + 1)
      const answer = (status: number) => resolve({ status, text: '', header: () => undefined })
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      transfers.set(operationId, {
        operationId,
        get isAborted() {
          return signal.aborted
        },
        progress: (sentBytes) => onProgress?.(sentBytes),
        finish: () => answer(200),
        answer,
      })
      settle()
    })

  const realtime: RealtimeFactory = () => ({
    $connection: atom({
      status: 'connected',
      lastPing: '',
      latency: 5,
      reconnectAttempts: 0,
      transport: 'memory',
      polling: false,
    } as const),
    authoritative: true,
    subscribe(_topic, handlers) {
      subscribers.add(handlers)
      handlers.onSubscribed()
      return () => subscribers.delete(handlers)
    },
    wake() {},
    dispose: () => subscribers.clear(),
  })

  return {
    requests,
    fetch,
    createUploader: (options) =>
      createUploader({
        backend: httpBackend({ url: '/uploads' }),
        realtime,
        ...options,
        environment: { fetch, http: { send }, ...options?.environment },
      }),
    planned: async (index) => {
      await until(() => operationIds[index])
    },
    transfer: (index) => until(() => transfers.get(operationIds[index] ?? '')),
    completed: async (index) => {
      await until(() => (completedIds.has(operationIds[index] ?? '') ? true : undefined))
    },
    say(index, word) {
      const message = update(operationIds[index] ?? '', word)
      for (const handlers of subscribers) handlers.onMessage(message)
    },
  }
}
