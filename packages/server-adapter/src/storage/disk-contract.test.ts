import { consoleLogger } from '../logger.js'
import { temporaryDirectory } from '../testing/harness.js'
import { manualClock } from '../testing/manual-clock.js'
import { objectStorageContract } from '../testing/object-storage-contract.js'
import { Refusal } from '../errors.js'
import { disk } from './disk.js'
import type { ObjectStorage, StorageNews } from './object-storage.js'

const unheard: StorageNews = { isExpected: async () => true, async progressed() {}, arrived: async () => undefined, async withdrawn() {} }

objectStorageContract('on a disk', async () => {
  const directory = await temporaryDirectory()
  let opened: ObjectStorage | undefined
  return {
    partBytes: 100_000,
    async open() {
      opened = disk({ directory: directory.path })
      await opened.open({ clock: manualClock(), logger: consoleLogger, urlExpiresMs: 3_600_000 })
      return opened
    },
    async put({ url, headers = {} }, body) {
      const request = new Request(`http://server.test/${url}`, { method: 'PUT', body, headers })
      try {
        return (await opened?.fetch?.(request, new URL(request.url).pathname.slice(1), unheard))?.status ?? 404
      } catch (error) {
        if (error instanceof Refusal) return error.status
        throw error
      }
    },
    close: directory.remove,
  }
})
