import type { FileHandle } from './persistence.js'
import type { QueueStorage, StorageChanges, StoredUpload } from './queue-storage.js'

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

  function write(owner: string, { puts = [], removed = [], files: put = [], dropped = [], isHeld }: StorageChanges): Promise<string[]> {
    return transact((read, uploads, files, state) => {
      const refused: string[] = []
      const ifMine = (id: string, isNew: boolean, act: () => void) =>
        read<StoredUpload | undefined>(uploads.get(id), (there) => {
          if (there === undefined ? isNew : there.owner === owner) act()
          else if (there !== undefined) refused.push(id)
        })
      for (const [upload, isNew] of puts) ifMine(upload.id, isNew, () => uploads.put(upload))
      for (const [id, file] of put) ifMine(id, false, () => files.put(file, id))
      for (const id of removed) {
        ifMine(id, false, () => {
          uploads.delete(id)
          files.delete(id)
        })
      }
      for (const id of dropped) files.delete(id)
      if (isHeld !== undefined) state.put(isHeld, 'held')
      return refused
    })
  }

  return {
    claim: (by, from, since) =>
      transact((read, uploads, files, state) => {
        const found: { uploads: StoredUpload[]; isHeld: boolean | undefined } = { uploads: [], isHeld: undefined }
        read<StoredUpload[]>(uploads.getAll(), (all) => {
          for (const upload of all) {
            if (upload.owner !== from) found.uploads.push(upload)
            else if (upload.savedAt < since) {
              uploads.delete(upload.id)
              files.delete(upload.id)
            } else {
              const taken = { ...upload, owner: by, epoch: upload.epoch + 1 }
              uploads.put(taken)
              found.uploads.push(taken)
            }
          }
        })
        read<boolean | undefined>(state.get('held'), (isHeld) => (found.isHeld = isHeld))
        return found
      }),
    async write(owner, changes) {
      try {
        return await write(owner, changes)
      } catch (error) {
        // WebKit keeps no files in private windows, but their bytes it does.
        if (!(error instanceof DOMException) || error.name !== 'UnknownError' || changes.files === undefined) throw error
        const files = await Promise.all(changes.files.map(async ([id, file]) => [id, await bytesOf(file)] as const))
        return write(owner, { ...changes, files: files as unknown as NonNullable<StorageChanges['files']> })
      }
    },
    files: (ids) =>
      transact((read, _uploads, files) => {
        const found = new Map<string, File | FileHandle>()
        for (const id of ids) {
          read<File | FileHandle | FileBytes | undefined>(files.get(id), (value) => {
            if (value !== undefined) found.set(id, value instanceof Blob || 'getFile' in value ? value : fileOf(value))
          })
        }
        return found
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

async function bytesOf(file: File | FileHandle): Promise<FileBytes | FileHandle> {
  if (!(file instanceof Blob)) return file
  const { name, type, lastModified } = file
  return { bytes: await file.arrayBuffer(), name, type, lastModified }
}

function fileOf({ bytes, name, ...facts }: FileBytes): File {
  return new File([bytes], name, facts)
}
