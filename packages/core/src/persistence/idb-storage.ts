import { readBytes } from '../read-bytes.js'
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
const STORES = ['uploads', 'files', 'state']

/** Calls back with what a request found. */
type Read = <T>(request: IDBRequest<T>, onRead: (found: T) => void) => void

/** What a file is made of, where the browser keeps none. */
type FileParts = ConstructorParameters<typeof File>

/** A queue in an IndexedDB database of its own. Opened on first use. */
export function createIdbStorage(name: string): QueueStorage {
  let opening: Promise<IDBDatabase> | undefined

  function open(): Promise<IDBDatabase> {
    return (opening ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(name, STEPS.length)
      request.onupgradeneeded = ({ oldVersion }) => {
        for (const step of STEPS.slice(oldVersion)) step(request.result)
      }
      request.onerror = () => reject(request.error!)
      request.onsuccess = () => {
        const database = request.result
        // A page of a newer version wants to change the database, or the person deletes it: neither may have to wait for this page.
        database.onversionchange = () => database.close()
        resolve(database)
      }
    }))
  }

  /** One transaction: resolves with what `work` answered once everything is written. */
  async function transact<T>(work: (read: Read, uploads: IDBObjectStore, files: IDBObjectStore, state: IDBObjectStore) => T): Promise<T> {
    const database = await open()
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(STORES, 'readwrite')
      const store = (index: number) => transaction.objectStore(STORES[index] as string)
      let thrown: unknown
      transaction.oncomplete = () => resolve(result)
      transaction.onabort = () => reject(thrown instanceof Error ? thrown : transaction.error!)
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
      const result = work(read, store(0), store(1), store(2))
    })
  }

  /** `value` is what is kept of the file. Nothing else runs beside it: a transaction of WebKit's hangs for ever if it cannot keep a file then. */
  function keepFile(owner: string, id: string, value: File | FileHandle | FileParts): Promise<void> {
    return transact((read, uploads, files) => {
      read<StoredUpload | undefined>(uploads.get(id), (there) => {
        if (there?.owner === owner) files.put(value, id)
      })
    })
  }

  return {
    claim: (by, from, since) =>
      transact((read, uploads, files, state) => {
        const found = {
          uploads: [] as StoredUpload[],
          files: new Map<string, File | FileHandle>(),
          isHeld: undefined as boolean | undefined,
        }
        read<StoredUpload[]>(uploads.getAll(), (all) => {
          for (const upload of all) {
            const { id, owner, epoch, savedAt } = upload
            if (owner === from && savedAt < since) {
              uploads.delete(id)
              files.delete(id)
              continue
            }
            const current = owner === from ? { ...upload, owner: by, epoch: epoch + 1 } : upload
            if (owner === from) uploads.put(current)
            found.uploads.push(current)
            if (owner !== (from ?? by)) continue
            read<File | FileHandle | FileParts | undefined>(files.get(id), (value) => {
              if (value !== undefined) found.files.set(id, Array.isArray(value) ? new File(...value) : value)
            })
          }
        })
        read<boolean | undefined>(state.get('held'), (isHeld) => (found.isHeld = isHeld))
        return found
      }),
    write: (owner, { puts = [], removed = [], dropped = [], isHeld }) =>
      transact((read, uploads, files, state) => {
        const refused: string[] = []
        const ifMine = (id: string, isNew: boolean, act: () => void, epoch = Infinity) =>
          read<StoredUpload | undefined>(uploads.get(id), (there) => {
            if (there === undefined ? isNew : there.owner === owner && there.epoch <= epoch) act()
            else if (there !== undefined) refused.push(id)
          })
        for (const [upload, isNew] of puts) ifMine(upload.id, isNew, () => uploads.put(upload), upload.epoch)
        for (const id of removed) {
          ifMine(id, false, () => {
            uploads.delete(id)
            files.delete(id)
          })
        }
        for (const id of dropped) files.delete(id)
        if (isHeld !== undefined) state.put(isHeld, 'held')
        return refused
      }),
    keepFile: (owner, id, file) =>
      keepFile(owner, id, file).catch(async (error: unknown) => {
        // WebKit keeps no files in private windows, but their bytes it does.
        if (!(file instanceof Blob && error instanceof DOMException && error.name === 'UnknownError')) throw error
        const { name, type, lastModified } = file
        const bytes = await readBytes(file)
        if (bytes.byteLength !== file.size) throw error
        return keepFile(owner, id, [[bytes], name, { type, lastModified }])
      }),
    close() {
      void opening?.then(
        (database) => database.close(),
        () => {},
      )
      opening = undefined
    },
  }
}
