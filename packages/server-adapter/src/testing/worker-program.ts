import { createSyncManager } from '../create-sync-manager.js'
import { sqlite } from '../records/sqlite.js'

/** A worker for tests: does one job of so many items over the records in a file. With `forever` it does not come to the end. */
const [path = '', items = '1', manner] = process.argv.slice(2)
const total = Number(items)

const { manager, close } = await createSyncManager({ records: sqlite({ path }) })
const id = await manager.createSyncOperation({ operation_type: 'full_sync', total_items: total, key: 'the job' })
for (let done = 1; manner === 'forever' || done < total; done += 1) {
  await manager.updateSyncProgress(id, (100 * (done % total)) / total, done % total)
  process.stdout.write(`said ${done}\n`)
  await new Promise((resolve) => setTimeout(resolve, 2))
}
await manager.updateSyncProgress(id, 100, total)
await manager.completeSyncOperation(id, 'completed', { result: { done: total } })
await close()
