import { createHmac } from 'node:crypto'
import { mkdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { type Locker, Metadata, Server } from '@tus/server'
import { parseChecksum } from '@upload-panel/core/protocol'
import { createCoalescer } from '../../coalesce.js'
import { Refusal, serverClosing } from '../../errors.js'
import { receiveBody } from '../../receive-body.js'
import { digestOfBytes } from '../checksums.js'
import type { ObjectStorage, StorageContext, StorageNews, StorageTarget } from '../object-storage.js'
import { missingBytes, onFullDisk, otherBytes, storageFull, tooFewBytes, tooManyBytes, uploadGone, wrongSize } from '../refusals.js'
import { loadSecret } from '../secret.js'
import { type Grant, readGrant, signUrl } from '../signed-urls.js'
import { asObject, findUpload, isWhole, makeSafe, removeUpload, type TusDataStore, uploadsOf } from './datastore.js'
import { createLocker } from './locker.js'
import { TUS_PATH } from './path.js'

/** Options of {@link tus}: a `directory`, or a `datastore`. */
export interface TusOptions {
  /** Where the files lie; made if it is missing. Needs `@tus/file-store`. One server at a time may use it. */
  readonly directory?: string
  /** Any datastore of tus whose bytes can be read, such as `new S3Store({ … })`. Needs a `secret`. */
  readonly datastore?: TusDataStore
  /** What permissions are signed with and uploads are named by: it has to stay the same. @default with a directory: random, made once and kept there */
  readonly secret?: string
  /** Where several nodes serve one datastore: what keeps two of them from writing to the same upload. @default for one node, in memory */
  readonly locker?: Locker
}

/** What a page need not ask for, since its plan says it. */
const EXTENSIONS = ['creation', 'creation-with-upload', 'termination']
const PROGRESS_INTERVAL_MS = 1000
/** How long a request may go on with what is already here when another one asks for its upload, milliseconds. */
const DRAIN_MS = 1000
const UPLOAD_ID = /^[0-9a-f]{64}$/

interface Opened extends StorageContext {
  readonly secret: string
  readonly store: TusDataStore
  readonly locker: Locker
  readonly server: Server
}

/**
 * A tus server as storage: uploads that go on after any interruption from the byte where they were, for any client that speaks tus 1.0.
 * Who may create an upload is told by its plan: a signed permission, in `Upload-Metadata`. Needs `@tus/server`.
 */
export function tus(options: TusOptions): ObjectStorage {
  if ((options.directory === undefined) === (options.datastore === undefined)) {
    throw new TypeError('tus takes either a directory or a datastore.')
  }
  if (options.datastore !== undefined && options.secret === undefined) {
    throw new TypeError('tus needs a secret of your own beside a datastore: permissions are signed with it.')
  }
  let opened: Opened | undefined
  /** What is being written to which upload. */
  const writers = new Map<string, Set<AbortController>>()
  /** Why a request failed, where it was not the protocol that refused it. */
  const failures = new WeakMap<Request, unknown>()

  function context(): Opened {
    if (opened === undefined) throw new Error('The storage is not open: createSyncServer opens it, and close() ends its use.')
    return opened
  }
  /** The name of an operation's upload: always the same, and not to be guessed, for whoever knows it may write. */
  const idOf = (operationId: string) => createHmac('sha256', context().secret).update(`upload\n${operationId}`).digest('hex')
  const find = (operationId: string) => findUpload(context().store, idOf(operationId))

  async function openStore({ directory, datastore }: TusOptions): Promise<TusDataStore> {
    if (directory === undefined) return datastore as TusDataStore
    const files = join(directory, 'files')
    await mkdir(files, { recursive: true })
    const { FileStore } = await import('@tus/file-store')
    return new FileStore({ directory: files })
  }

  function createTusServer(store: TusDataStore, locker: Locker): Server {
    return new Server({
      path: `/${TUS_PATH}`,
      datastore: store,
      locker,
      lockDrainTimeout: DRAIN_MS,
      disableTerminationForFinishedUploads: true,
      // Relative to the request, so that hosts, mounts and proxies do not matter.
      generateUrl: (_request, { id }) => `${TUS_PATH}/${id}`,
      getFileIdFromRequest: (request) => idIn(new URL(request.url).pathname),
      // Neither a name nor a path of a client's reaches the store; what it says of the file is in the operation's record.
      namingFunction: (_request, metadata) => idOf(metadata?.['operation_id'] ?? ''),
      onUploadCreate: async (_request, { metadata }) => ({ metadata: { operation_id: metadata?.['operation_id'] ?? null } }),
      onResponseError(request, error) {
        if (error instanceof Error) failures.set(request, error)
        return undefined
      },
    })
  }

  /** Stops whoever writes to an upload, and then does something with it that nobody else may meet. */
  async function alone<T>(id: string, work: () => Promise<T>): Promise<T> {
    for (const writer of writers.get(id) ?? []) writer.abort(uploadGone())
    const lock = context().locker.newLock(id)
    await lock.lock(new AbortController().signal, () => {})
    try {
      return await work()
    } finally {
      await lock.unlock()
    }
  }

  function remove(operationId: string): Promise<void> {
    const id = idOf(operationId)
    return alone(id, () => removeUpload(context().store, id))
  }

  /** Lets the tus server answer, with a body that is watched: it may stall, be told to stop, and is counted. */
  async function answer(request: Request, id: string, onBytes: (bytes: number) => void): Promise<Response> {
    const { server, clock } = context()
    const controller = new AbortController()
    const signal = AbortSignal.any([request.signal, controller.signal])
    let broken: { readonly reason: unknown } | undefined
    async function* watched() {
      try {
        for await (const chunk of receiveBody(request.body, clock, signal)) {
          onBytes(chunk.byteLength)
          yield chunk
        }
      } catch (reason) {
        // For the store the body ends here: what has come is kept, and its sender goes on from there.
        broken = { reason }
      }
    }
    const { method, url, headers } = request
    const body = request.body === null ? {} : { body: ReadableStream.from(watched()), duplex: 'half' }
    const passed = new Request(url, { method, headers, ...body })
    const others = writers.get(id) ?? new Set()
    writers.set(id, others.add(controller))
    try {
      const response = await server.handleWeb(passed)
      if (broken !== undefined) throw broken.reason
      const failure: unknown = failures.get(passed)
      if (failure !== undefined) throw failure
      // CORS is the server's as a whole.
      for (const name of [...response.headers.keys()]) if (name.startsWith('access-control-')) response.headers.delete(name)
      return response
    } finally {
      others.delete(controller)
      if (others.size === 0) writers.delete(id)
    }
  }

  /** Sends bytes on to the store, and the news of them to the server. */
  async function receive(
    request: Request,
    grant: Pick<Grant, 'operationId' | 'size'>,
    offset: number,
    news: StorageNews,
  ): Promise<Response> {
    const { operationId, size } = grant
    const { clock, logger } = context()
    const progress = createCoalescer<{ readonly bytes: number }>({
      clock,
      intervalMs: PROGRESS_INTERVAL_MS,
      write: ({ bytes }) =>
        news
          .progressed(operationId, bytes)
          .catch((error: unknown) => logger.warn('The progress of an upload was not recorded.', { operationId, error })),
    })
    let received = offset
    try {
      const response = await answer(request, idOf(operationId), (bytes) => {
        received += bytes
        if (received < size) progress.push({ bytes: received })
      })
      if (response.status >= 500) await refuseFullDisk(size - offset)
      const stored = response.ok ? Number(response.headers.get('upload-offset') ?? 0) : 0
      if (stored === size && response.ok) {
        progress.stop()
        await news.arrived(operationId)
      }
      return response
    } finally {
      await progress.flush()
      progress.stop()
    }
  }

  /** Stores of files say of no error what it was. */
  async function refuseFullDisk(bytes: number): Promise<void> {
    if (options.directory === undefined) return
    const { bavail, bsize } = await statfs(options.directory)
    if (bavail * bsize < bytes) throw storageFull()
  }

  function admit(request: Request): Grant {
    const { secret, clock } = context()
    const { operation_id, permission } = readMetadata(request.headers.get('upload-metadata'))
    const grant = readGrant(secret, 'PUT', operation_id ?? '', new URLSearchParams(permission ?? ''), clock.now())
    const length = Number(request.headers.get('upload-length') ?? 0)
    if (length > grant.size) throw tooManyBytes(grant.size)
    if (length < grant.size) throw tooFewBytes(length, grant.size)
    return grant
  }

  async function create(request: Request, news: StorageNews): Promise<Response> {
    const grant = admit(request)
    const { operationId, size } = grant
    const existing = await find(operationId)
    const isExpected = await news.isExpected(operationId)
    if (existing !== undefined && isWhole(existing)) {
      // The answer to an earlier creation was lost.
      if (isExpected) await news.arrived(operationId)
      await request.body?.cancel()
      return alreadyThere(idOf(operationId), size)
    }
    if (!isExpected) throw uploadGone()
    // Its sender has lost where it is: what is there is begun anew.
    if (existing !== undefined) await remove(operationId)
    return receive(request, grant, 0, news)
  }

  async function change(request: Request, id: string, news: StorageNews): Promise<Response> {
    const upload = await findUpload(context().store, id)
    const operationId = upload?.metadata?.['operation_id']
    if (upload === undefined || operationId == null) throw uploadGone()
    if (request.method === 'PATCH') return receive(request, { operationId, size: upload.size ?? 0 }, upload.offset, news)
    const response = await answer(request, id, () => {})
    if (request.method === 'DELETE' && response.ok) await news.withdrawn(operationId)
    return response
  }

  return {
    kind: 'tus',
    isShared: options.locker !== undefined,
    async open(given) {
      const store = await openStore(options)
      const secret = options.secret ?? (await loadSecret(join(options.directory ?? '', 'secret')))
      const locker = options.locker ?? createLocker(given.clock)
      opened = { ...given, secret, store, locker, server: createTusServer(store, locker) }
    },
    async plan(target) {
      const { clock, urlExpiresMs, secret, store } = context()
      const expires_in_s = Math.floor(urlExpiresMs / 1000)
      const [, permission = ''] = signUrl(secret, target, 1, Math.floor(clock.now() / 1000) + expires_in_s).split('?')
      return {
        kind: 'tus',
        endpoint: TUS_PATH,
        metadata: { operation_id: target.operationId, permission },
        extensions: EXTENSIONS.filter((name) => store.hasExtension(name)),
        expires_in_s,
      }
    },
    async signParts() {
      throw new Refusal(422, 'invalid_part', 'This upload is not sent in parts.')
    },
    async listParts({ operationId }) {
      const upload = await find(operationId)
      return upload !== undefined && isWhole(upload) ? [{ part_number: 1, size: upload.offset }] : []
    },
    async hasBegun({ operationId }) {
      return ((await find(operationId))?.offset ?? 0) > 0
    },
    async complete({ operationId, size, checksum }: StorageTarget, claimed = {}) {
      const upload = await find(operationId)
      if (upload === undefined) throw missingBytes('The bytes of this upload have not arrived.')
      if (upload.size !== size) {
        await remove(operationId)
        throw wrongSize(upload.size ?? 0, size)
      }
      if (!isWhole(upload)) throw missingBytes(`${upload.offset} of ${size} bytes of this upload have arrived.`)
      await onFullDisk(() => makeSafe(upload))
      for (const text of [checksum, claimed.checksum]) {
        const wanted = parseChecksum(text)
        if (wanted === undefined) continue
        const bytes = asObject(context().store, upload).stream() as AsyncIterable<Uint8Array>
        if ((await digestOfBytes(wanted, bytes)) === wanted.digest) continue
        await remove(operationId)
        throw otherBytes()
      }
    },
    async read(operationId) {
      const upload = await find(operationId)
      return upload === undefined || !isWhole(upload) ? undefined : asObject(context().store, upload)
    },
    discard: remove,
    async *unsealed() {
      const { store } = context()
      // A store that lets uploads expire by itself knows best what has.
      if (store.hasExtension('expiration') && store.getExpiration() > 0) await store.deleteExpired()
      for await (const upload of uploadsOf(store)) {
        const operationId = upload.metadata?.['operation_id']
        if (operationId != null && !isWhole(upload)) yield operationId
      }
    },
    async fetch(request, path, news) {
      if (request.method === 'OPTIONS') return answer(request, '', () => {})
      if (request.method === 'POST' && path === TUS_PATH) return onFullDisk(() => create(request, news))
      const id = idIn(path)
      if (id === undefined || !/^(HEAD|PATCH|DELETE)$/.test(request.method))
        throw new Refusal(404, 'unknown_route', 'There is nothing here.')
      return onFullDisk(() => change(request, id, news))
    },
    async close() {
      for (const all of writers.values()) for (const writer of all) writer.abort(serverClosing())
    },
  }
}

function idIn(path: string): string | undefined {
  const id = path.split('/').at(-1) ?? ''
  return UPLOAD_ID.test(id) ? id : undefined
}

function readMetadata(header: string | null): Readonly<Record<string, string | null>> {
  try {
    return Metadata.parse(header ?? undefined)
  } catch {
    return {}
  }
}

function alreadyThere(id: string, size: number): Response {
  return new Response(null, {
    status: 201,
    headers: { 'tus-resumable': '1.0.0', location: `${TUS_PATH}/${id}`, 'upload-offset': String(size) },
  })
}
