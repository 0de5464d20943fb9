import type { FileHandle } from './persistence.js'
import type { QueueStorage, StoredUpload } from './queue-storage.js'

/** Keeps a queue in memory: for tests, and to try what several pages would do. */
export function createMemoryStorage(): QueueStorage {
  const uploads = new Map<string, StoredUpload>()
  const files = new Map<string, File | FileHandle>()
  let isHeld: boolean | undefined

  function remove(id: string): void {
    uploads.delete(id)
    files.delete(id)
  }

  return {
    list: async () => [...uploads.values()],
    async write(owner, changes) {
      // All or nothing: what cannot be cloned throws before anything is written.
      const { created, changed, removed } = structuredClone(changes)
      const refused: string[] = []
      const mayWrite = (id: string) => {
        const isMine = uploads.get(id)?.owner === owner
        if (!isMine && uploads.has(id)) refused.push(id)
        return isMine
      }
      for (const upload of created) if (!uploads.has(upload.id) || mayWrite(upload.id)) uploads.set(upload.id, upload)
      for (const upload of changed) if (mayWrite(upload.id)) uploads.set(upload.id, upload)
      for (const id of removed) if (mayWrite(id)) remove(id)
      return refused
    },
    async takeOver(from, to, since) {
      const taken: StoredUpload[] = []
      for (const upload of uploads.values()) {
        if (upload.owner !== from) continue
        const mine = { ...upload, owner: to, epoch: upload.epoch + 1 }
        if (upload.savedAt < since) remove(upload.id)
        else {
          uploads.set(upload.id, mine)
          taken.push(mine)
        }
      }
      return taken
    },
    async putFile(owner, id, file) {
      if (uploads.get(id)?.owner === owner) files.set(id, file)
    },
    async files(ids) {
      return new Map(ids.flatMap((id) => (files.has(id) ? [[id, files.get(id) as File | FileHandle]] : [])))
    },
    async dropFiles(ids) {
      for (const id of ids) files.delete(id)
    },
    isHeld: async () => isHeld,
    async setHeld(held) {
      isHeld = held
    },
    close() {},
  }
}
