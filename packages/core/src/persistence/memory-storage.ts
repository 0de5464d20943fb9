import type { FileHandle } from './persistence.js'
import type { QueueStorage, StoredUpload } from './queue-storage.js'

/** Keeps a queue in memory: for tests, and to try what several pages would do. */
export function createMemoryStorage(): QueueStorage {
  const uploads = new Map<string, StoredUpload>()
  const bytes = new Map<string, File | FileHandle>()
  let held: boolean | undefined

  function remove(id: string): void {
    uploads.delete(id)
    bytes.delete(id)
  }

  return {
    async claim(by, from, since) {
      const files = new Map<string, File | FileHandle>()
      for (const upload of [...uploads.values()]) {
        const { id, owner, epoch, savedAt } = upload
        if (owner === from && savedAt < since) remove(id)
        else if (owner === from) uploads.set(id, { ...upload, owner: by, epoch: epoch + 1 })
        const file = bytes.get(id)
        if (owner === (from ?? by) && file !== undefined) files.set(id, file)
      }
      return { uploads: [...uploads.values()], files, isHeld: held }
    },
    async write(owner, changes) {
      // All or nothing: what cannot be cloned throws before anything is written.
      const { puts = [], removed = [], dropped = [], isHeld = held } = structuredClone(changes)
      const refused: string[] = []
      const mayWrite = (id: string, isNew: boolean, epoch = Infinity) => {
        const there = uploads.get(id)
        if (there === undefined) return isNew
        const isMine = there.owner === owner && there.epoch <= epoch
        if (!isMine) refused.push(id)
        return isMine
      }
      for (const [upload, isNew] of puts) if (mayWrite(upload.id, isNew, upload.epoch)) uploads.set(upload.id, upload)
      for (const id of removed) if (mayWrite(id, false)) remove(id)
      for (const id of dropped) bytes.delete(id)
      held = isHeld
      return refused
    },
    async keepFile(owner, id, file) {
      if (uploads.get(id)?.owner === owner) bytes.set(id, file)
    },
    close() {},
  }
}
