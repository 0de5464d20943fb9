import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createSyncServer } from '@upload-panel/server-adapter'
import { disk } from '@upload-panel/server-adapter/disk'
import { onceForNext } from '@upload-panel/server-adapter/next'
import { sqlite } from '@upload-panel/server-adapter/sqlite'

/** The sync server of this process; `(await uploads()).manager` is at hand in server actions and jobs. */
export const uploads = onceForNext(() => {
  const data = process.env['UPLOAD_PANEL_DATA'] ?? '.data'
  mkdirSync(data, { recursive: true })
  return createSyncServer({
    records: sqlite({ path: join(data, 'uploads.db') }),
    storage: disk({ directory: join(data, 'files') }),
    // An example: everyone may do everything. Your app says who somebody is with `authorize`.
    open: true,
    async process(_operation, { file, stage, progress }) {
      stage('reading')
      let bytes = 0
      for await (const chunk of file.stream()) {
        bytes += chunk.length
        progress((bytes / file.size) * 100)
      }
      return { bytes }
    },
  })
})
