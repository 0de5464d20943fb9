import type { FileHandle } from './persistence.js'
import type { QueueStorage, StoredUpload } from './queue-storage.js'

/** Each step leads from one version of the database to the next; a step that was ever published is never changed. */
const STEPS: readonly ((database: IDBDatabase) => void)[] = [
  (database) => database.createObjectStore('uploads', { keyPath: 'id' }),
  (database) => {
    database.createObjectStore('files')
    database.createObjectStore('state')
  },
]

type Stores = Readonly<Record<'uploads' | 'files' | 'state', IDBObjectStore>>
/** Calls back with what a request found. */
type Read = <T>(request: IDBRequest<T>, onRead: (found: T) => void) => void

/** A file, where the browser keeps none. */
interface FileBytes extends Pick<File, 'name' | 'type' | 'lastModified'> {
  readonly bytes: ArrayBuffer
}

/** A queue in an IndexedDB database of its own. Opened on first use. */
export function createIdbStorage(name: string): QueueStorage {
  let opening: Promise<IDBDatabase> | undefined

  function open(): Promise<IDBDatabase> {
    return (opening ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(name, STEPS.length)
      request.onupgradeneeded = ({ oldVersion }) => {
        for (const step of STEPS.slice(oldVersion)) step(request.result)
      }
      request.onerror = () => reject(request.error)
      request.onsuccess = () => {
        const database = request.result
        // A page of a newer version wants to change the database, or the person deletes it: neither may have to wait for this page.
        database.onversionchange = () => database.close()
        resolve(database)
      }
    }))
  }

  /** One transaction: resolves with what `work` answered once everything is written. */
  async function transact<T>(mode: IDBTransactionMode, work: (stores: Stores, read: Read) => T): Promise<T> {
    const database = await open()
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(['uploads', 'files', 'state'], mode)
      let thrown: unknown
      transaction.oncomplete = () => resolve(result)
      transaction.onabort = () => reject(thrown ?? transaction.error)
      const read: Read = (request, onRead) => {
        request.onsuccess = () => {
          try {
            onRead(request.result)
          } catch (error) {
            // Thrown out of here it would be an uncaught error of the page.
            thrown = error
            transaction.abort()
          }
        }
      }
      const [uploads, files, state] = (['uploads', 'files', 'state'] as const).map((store) => transaction.objectStore(store))
      const result = work({ uploads, files, state } as Stores, read)
    })
  }

  const putValue = (owner: string, id: string, value: unknown) =>
    transact('readwrite', ({ uploads, files }, read) =>
      read<StoredUpload | undefined>(uploads.get(id), (there) => {
        if (there?.owner === owner) files.put(value, id)
      }),
    )

  return {
    async list() {
      let found: readonly StoredUpload[] = []
      await transact('readonly', ({ uploads }, read) => read<StoredUpload[]>(uploads.getAll(), (all) => (found = all)))
      return found
    },
    write: (owner, { created, changed, removed }) =>
      transact('readwrite', ({ uploads, files }, read) => {
        const refused: string[] = []
        const ifMine = (id: string, isNew: boolean, act: () => void) =>
          read<StoredUpload | undefined>(uploads.get(id), (there) => {
            if (there === undefined ? isNew : there.owner === owner) act()
            else if (there !== undefined) refused.push(id)
          })
        for (const upload of created) ifMine(upload.id, true, () => uploads.put(upload))
        for (const upload of changed) ifMine(upload.id, false, () => uploads.put(upload))
        for (const id of removed)
          ifMine(id, false, () => {
            uploads.delete(id)
            files.delete(id)
          })
        return refused
      }),
    takeOver: (from, to, since) =>
      transact('readwrite', ({ uploads, files }, read) => {
        const taken: StoredUpload[] = []
        read<StoredUpload[]>(uploads.getAll(), (all) => {
          for (const upload of all) {
            if (upload.owner !== from) continue
            if (upload.savedAt < since) {
              uploads.delete(upload.id)
              files.delete(upload.id)
              continue
            }
            const mine = { ...upload, owner: to, epoch: upload.epoch + 1 }
            uploads.put(mine)
            taken.push(mine)
          }
        })
        return taken
      }),
    async putFile(owner, id, file) {
      try {
        await putValue(owner, id, file)
      } catch (error) {
        // WebKit keeps no files in private windows, but their bytes it does.
        if (!(file instanceof Blob) || !(error instanceof DOMException) || error.name !== 'UnknownError') throw error
        const { name, type, lastModified } = file
        await putValue(owner, id, { bytes: await file.arrayBuffer(), name, type, lastModified } satisfies FileBytes)
      }
    },
    files: (ids) =>
      transact('readonly', ({ files }, read) => {
        const found = new Map<string, File | FileHandle>()
        for (const id of ids)
          read<File | FileHandle | FileBytes | undefined>(files.get(id), (value) => {
            if (value !== undefined) found.set(id, value instanceof Blob || 'getFile' in value ? value : fileOf(value))
          })
        return found
      }),
    dropFiles: (ids) =>
      transact('readwrite', ({ files }) => {
        for (const id of ids) files.delete(id)
      }),
    async isHeld() {
      let held: unknown
      await transact('readonly', ({ state }, read) => read<unknown>(state.get('held'), (found) => (held = found)))
      return typeof held === 'boolean' ? held : undefined
    },
    setHeld: (isHeld) => transact('readwrite', ({ state }) => void state.put(isHeld, 'held')),
    close() {
      void opening?.then(
        (database) => database.close(),
        () => {},
      )
      opening = undefined
    },
  }
}

function fileOf({ bytes, name, ...facts }: FileBytes): File {
  return new File([bytes], name, facts)
}
