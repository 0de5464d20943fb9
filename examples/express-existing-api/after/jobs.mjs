import { analyse } from '../lib/analyse.mjs'

/**
 * Analyses documents one after the other, and goes on with those that a restart has left.
 *
 * @param {ReturnType<typeof import('../lib/documents.mjs').openDocuments>} documents
 * @param {import('@upload-panel/server-adapter').SyncStatusManager} manager
 */
export function createJobs(documents, manager) {
  let last = Promise.resolve()

  /** @param {number} id @param {string} operation */
  async function work(id, operation) {
    const { text = '' } = documents.get(id) ?? {}
    try {
      const report = await analyse(text, (fraction) => manager.updateSyncProgress(operation, fraction * 100))
      await manager.completeSyncOperation(operation, 'completed', { result: report })
      documents.end(id, 'done', report)
    } catch (error) {
      console.error(`Document ${id} could not be analysed.`, error)
      await manager.completeSyncOperation(operation, 'failed', { message: 'This document could not be analysed.' })
      documents.end(id, 'failed')
    }
  }

  /** As queues are used, on this machine or another one. @param {number} id */
  async function add(id) {
    const { owner: subject = '', title: source = '' } = documents.get(id) ?? {}
    const operation = await manager.createSyncOperation({ operation_type: 'update', subject, source, key: `document-${id}` })
    last = last.then(() => work(id, operation))
    return operation
  }

  for (const id of documents.waiting()) void add(id)
  return { add, finished: () => last }
}
