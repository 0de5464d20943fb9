import { createHmac } from 'node:crypto'
import { mkdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locker } from '@tus/server'
import { parseChecksum } from '@upload-panel/core/protocol'
import { Refusal, serverClosing } from '../../errors.js'
import { digestOfBytes } from '../checksums.js'
import type { ObjectStorage, StorageContext } from '../object-storage.js'
import { missingBytes, onFullDisk, otherBytes, storageFull, wrongSize } from '../refusals.js'
import { loadSecret } from '../secret.js'
import { signUrl } from '../signed-urls.js'
import { asObject, findUpload, isWhole, makeSafe, removeUpload, type TusDataStore, uploadsOf } from './datastore.js'
import { createExchange } from './exchange.js'
import { createLocker } from './locker.js'
import { TUS_PATH } from './path.js'
import { createRequests } from './requests.js'
import { createWriters, type Writers } from './writers.js'

export type { TusDataStore } from './datastore.js'

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

interface Opened extends StorageContext {
  readonly secret: string
  readonly store: TusDataStore
  readonly writers: Writers
  readonly answer: NonNullable<ObjectStorage['fetch']>
}

/** What a page need not ask for, since its plan says it. */
const EXTENSIONS = ['creation', 'creation-with-upload', 'termination']

/**
 * A tus server as storage: uploads that go on after any interruption from the byte where they were, for any client that speaks tus 1.0.
 * Who may create an upload is told by its plan: a signed permission, in `Upload-Metadata`. Needs `@tus/server`.
 */
export function tus(options: TusOptions): ObjectStorage {
  const { directory, datastore } = options
  if ((directory === undefined) === (datastore === undefined)) throw new TypeError('tus takes either a directory or a datastore.')
  if (datastore !== undefined && options.secret === undefined) {
    throw new TypeError('tus needs a secret of your own beside a datastore: permissions are signed with it.')
  }
  let opened: Opened | undefined

  function context(): Opened {
    if (opened === undefined) throw new Error('The storage is not open: createSyncServer opens it, and close() ends its use.')
    return opened
  }
  /** The name of an operation's upload: always the same, and not to be guessed, for whoever knows it may write. */
  const idOf = (operationId: string) => createHmac('sha256', context().secret).update(`upload\n${operationId}`).digest('hex')
  const find = (operationId: string) => findUpload(context().store, idOf(operationId))

  function remove(operationId: string): Promise<void> {
    const { writers, store } = context()
    return writers.alone(idOf(operationId), () => removeUpload(store, idOf(operationId)))
  }

  /** Stores of files say of no error what it was. */
  async function refuseFullDisk(bytes: number): Promise<void> {
    if (directory === undefined) return
    const { bavail, bsize } = await statfs(directory)
    if (bavail * bsize < bytes) throw storageFull()
  }

  return {
    kind: 'tus',
    isShared: options.locker !== undefined,
    async open(given) {
      const { clock, logger } = given
      const store = datastore ?? (await openFileStore(directory ?? ''))
      const secret = options.secret ?? (await loadSecret(join(directory ?? '', 'secret')))
      const locker = options.locker ?? createLocker(clock)
      const writers = createWriters(locker)
      const exchange = createExchange({ store, locker, clock, idOf })
      const answer = createRequests({ store, exchange, writers, secret, clock, logger, idOf, remove, refuseFullDisk })
      opened = { ...given, secret, store, writers, answer }
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
    async complete({ operationId, size, checksum }, claimed = {}) {
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
    fetch: (request, path, news) => onFullDisk(async () => context().answer(request, path, news)),
    async close() {
      opened?.writers.stop(serverClosing())
    },
  }
}

async function openFileStore(directory: string): Promise<TusDataStore> {
  const files = join(directory, 'files')
  await mkdir(files, { recursive: true })
  const { FileStore } = await import('@tus/file-store')
  return new FileStore({ directory: files })
}
