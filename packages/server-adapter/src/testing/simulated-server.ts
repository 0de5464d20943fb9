import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer as readAll } from 'node:stream/consumers'
import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import type {
  ServerWord,
  SimulatedRequest,
  SimulatedResponse,
  SimulatedServerFactory,
  WorkEnd,
} from '@upload-panel/core/testing/simulation'
import type { Clock } from '../clock.js'
import { createSyncServer } from '../create-sync-server.js'
import { ProcessingError } from '../errors.js'
import { memory } from '../records/memory.js'
import type { ObjectStorage } from '../storage/object-storage.js'
import { disk } from '../storage/disk.js'

const URL_OF_MOUNT = 'http://api.test/uploads/'
const REFUSED = { code: 'refused', message: 'No.', retryable: true }
/** A disk in memory where there is one: each part is flushed, and thousands of scenarios would wait for that. */
const DISK = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** The real server under the simulation: its own routes, signed addresses and files, on the simulation's clock. */
export const adapterSimulatedServer: SimulatedServerFactory = async ({ clock, setting }) => {
  const directory = await mkdtemp(join(DISK, 'upload-panel-simulation-'))
  const calls = createCallCounter()
  const listeners: ((update: SyncStatusUpdate) => void)[] = []
  /** Bytes of uploads, in the order of their creation. */
  const known = new Map<string, number>()
  const ends: WorkEnd[] = []
  const endless = new Set<() => void>()
  let ids = 0

  const storage = calls.counted(disk({ directory, secret: 'simulation' }))
  const sync = await createSyncServer({
    records: memory(),
    storage,
    open: true,
    basePath: '/uploads',
    clock,
    logger: silent,
    createId: () => `operation-${(ids += 1)}`,
    limits: { minPartBytes: 4, urlExpiresMs: setting.urlExpiresS * 1000 },
    publishers: [
      {
        name: 'simulation',
        reach: 'node',
        publish(changed) {
          for (const { word } of changed) {
            known.set(word.operation_id, word.file?.size ?? 0)
            for (const listener of listeners) listener(word)
          }
        },
        close() {},
      },
    ],
    async process(operation, { signal }) {
      const end = ends.shift()
      await (end === 'never' ? untilFinished(endless, signal) : elapsed(clock, setting.workMs, signal))
      if (end === 'fails' || end === 'fails for good') throw new ProcessingError('refused', 'No.', { retryable: end === 'fails' })
      return operation.operation_id
    },
  })
  const { manager } = sync

  async function say(id: string, word: ServerWord): Promise<void> {
    const { status, progress } = (await manager.get(id)) ?? { status: 'cancelled' as const, progress: 0 }
    switch (word) {
      case 'progress':
        if (status === 'in_progress') await manager.updateSyncProgress(id, Math.min(99, progress + 30))
        return
      case 'completed':
      case 'failed':
        // The server may know the file already, while its bytes are still on the way.
        return void (await manager.completeSyncOperation(id, word, word === 'failed' ? { error: REFUSED } : {}))
      case 'revoked':
        return void (await manager.revoke(id, { ...REFUSED, code: 'revoked' }))
      case 'reopened': {
        if (status !== 'failed' || (await storage.read(id)) === undefined) return
        await manager.reopen(id)
        clock.setTimeout(() => void manager.completeSyncOperation(id, 'completed'), setting.workMs)
      }
    }
  }

  return {
    url: URL_OF_MOUNT,
    async handle(request) {
      return responseOf(await sync.fetch(requestOf(request)))
    },
    placeOf(url) {
      const { pathname, searchParams } = new URL(url)
      const [, operationId] = /\/storage\/([^/]+)$/.exec(pathname) ?? []
      if (operationId === undefined) return undefined
      const isWhole = Number(searchParams.get('size')) === known.get(operationId)
      return { operationId, part: isWhole ? 0 : Number(searchParams.get('part')) }
    },
    onWord: (listener) => void listeners.push(listener),
    async words() {
      const words = await Promise.all([...known.keys()].map(manager.get))
      return words.filter((word) => word?.operation_type === 'upload').filter((word) => word !== undefined)
    },
    async object(id) {
      const file = await storage.read(id)
      return file && new Uint8Array(await readAll(file.stream()))
    },
    say,
    nextWork: (end) => void ends.push(end),
    finishWork() {
      ends.length = 0
      for (const finish of endless) finish()
    },
    settled: calls.settled,
    async close() {
      await sync.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function requestOf({ method, url, headers, body, isBroken }: SimulatedRequest): Request {
  if (method === 'GET') return new Request(url, { headers })
  if (!isBroken) return new Request(url, { method, headers, body })
  const cut = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(body)
      controller.error(new TypeError('The connection was reset.'))
    },
  })
  const init = { method, headers, body: cut, duplex: 'half' }
  return new Request(url, init)
}

async function responseOf(response: Response): Promise<SimulatedResponse> {
  return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() }
}

/** Knows whether calls of a port are under way: real files take their time, while the simulation's clock stands still. */
function createCallCounter() {
  const underWay = new Set<Promise<unknown>>()
  return {
    counted: (storage: ObjectStorage): ObjectStorage =>
      new Proxy(storage, {
        get(target, name) {
          const member: unknown = Reflect.get(target, name)
          if (typeof member !== 'function') return member
          return (...args: unknown[]) => {
            const answer: unknown = Reflect.apply(member, target, args)
            if (answer instanceof Promise) {
              const done = answer.catch(() => {}).finally(() => underWay.delete(done))
              underWay.add(done)
            }
            return answer
          }
        },
      }),
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }
}

function elapsed(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      cancel()
      reject(signal.reason)
    })
  })
}

function untilFinished(endless: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    endless.add(resolve)
    signal.addEventListener('abort', () => reject(signal.reason))
  })
}
