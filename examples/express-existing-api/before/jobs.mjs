import { analyse } from '../lib/analyse.mjs'

/**
 * Analyses documents one after the other, and goes on with those that a restart has left.
 *
 * @param {ReturnType<typeof import('../lib/documents.mjs').openDocuments>} documents
 */
export function createJobs(documents) {
  let last = Promise.resolve()

  /** @param {number} id */
  async function work(id) {
    const { text = '' } = documents.get(id) ?? {}
    try {
      const report = await analyse(text)
      documents.end(id, 'done', report)
    } catch (error) {
      console.error(`Document ${id} could not be analysed.`, error)
      documents.end(id, 'failed')
    }
  }

  /** As queues are used, on this machine or another one. @param {number} id */
  async function add(id) {
    last = last.then(() => work(id))
  }

  for (const id of documents.waiting()) void add(id)
  return { add, finished: () => last }
}
