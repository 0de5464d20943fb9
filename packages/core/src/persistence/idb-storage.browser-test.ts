import { queueStorageContract } from '../testing/queue-storage-contract.js'
import { createIdbStorage } from './idb-storage.js'

queueStorageContract('IndexedDB', { describe, it }, createIdbStorage)

function assertEqual(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected))
    throw new Error(`Expected ${JSON.stringify(expected)}, not ${JSON.stringify(actual)}.`)
}

describe('a database of another version', () => {
  const openAt = (name: string, version: number, upgrade: (database: IDBDatabase) => void) =>
    new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name, version)
      request.onupgradeneeded = () => upgrade(request.result)
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error!)
    })

  it('that is older keeps its uploads and gets what it lacks', async () => {
    const name = `older-${Date.now()}`
    const old = await openAt(name, 1, (database) => database.createObjectStore('uploads', { keyPath: 'id' }))
    const transaction = old.transaction('uploads', 'readwrite')
    transaction.objectStore('uploads').put({ id: 'one', owner: 'ann', epoch: 0 })
    await new Promise((resolve) => (transaction.oncomplete = resolve))
    old.close()

    const storage = createIdbStorage(name)
    await storage.write('ann', { isHeld: true })
    await storage.keepFile('ann', 'one', new File(['content'], 'one.txt'))
    const { uploads, files, isHeld } = await storage.claim('ann', undefined, 0)
    assertEqual([uploads.map(({ id }) => id), [...files.keys()], isHeld], [['one'], ['one'], true])
    storage.close()
  })

  it('that is newer is left as it is, and named', async () => {
    const name = `newer-${Date.now()}`
    const newer = await openAt(name, 99, (database) => database.createObjectStore('else'))
    newer.close()
    const storage = createIdbStorage(name)
    const outcome = await storage.claim('ann', undefined, 0).then(
      () => 'opened',
      (error: unknown) => (error instanceof DOMException ? error.name : 'error'),
    )
    assertEqual(outcome, 'VersionError')
  })

  it('that a newer page wants does not have to wait for this one, which then keeps nothing more', async () => {
    const name = `upgraded-${Date.now()}`
    const storage = createIdbStorage(name)
    await storage.claim('ann', undefined, 0)
    const newer = await openAt(name, 99, (database) => database.createObjectStore('else'))
    newer.close()
    const outcome = await storage.claim('ann', undefined, 0).then(
      () => 'read',
      (error: unknown) => (error instanceof DOMException ? error.name : 'error'),
    )
    assertEqual(outcome, 'InvalidStateError')
  })
})
