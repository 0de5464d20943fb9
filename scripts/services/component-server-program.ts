import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { createSyncServer, ProcessingError } from '@upload-panel/server-adapter'
import { disk } from '@upload-panel/server-adapter/disk'
import { type NodeListener, toNodeListener } from '@upload-panel/server-adapter/node'
import { sqlite } from '@upload-panel/server-adapter/sqlite'

export interface ComponentServer {
  readonly listener: NodeListener
  close(): Promise<void>
}

/** The server adapter as people mount it. Files are hashed; one whose name says so fails at its first attempt. */
export async function startComponentServer(directory: string, basePath: string): Promise<ComponentServer> {
  const failed = new Set<string>()
  const sync = await createSyncServer({
    records: sqlite({ path: join(directory, 'uploads.db') }),
    storage: disk({ directory: join(directory, 'files') }),
    open: true,
    async process({ operation_id, file: description }, { file, stage, progress, signal }) {
      if (description?.name.startsWith('fails once') && !failed.has(operation_id)) {
        failed.add(operation_id)
        throw new ProcessingError('converter_down', 'The converter is being restarted.', { retryable: true })
      }
      stage('hashing')
      const sha256 = createHash('sha256')
      let bytes = 0
      for await (const chunk of file.stream()) {
        signal.throwIfAborted()
        sha256.update(chunk)
        bytes += chunk.length
        progress((bytes / file.size) * 100)
      }
      return { sha256: sha256.digest('hex'), size: file.size }
    },
  })
  return { listener: toNodeListener(sync, { basePath }), close: () => sync.close() }
}
