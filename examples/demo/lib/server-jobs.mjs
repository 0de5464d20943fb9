import { setTimeout as delay } from 'node:timers/promises'
import { sendJson, sendProblem } from './http.mjs'

const STEPS = 60
const STEP_MS = 250
const MOST_AT_ONCE = 20

/**
 * Work that no browser began, as a team's own API has it: `POST` starts a synchronisation of some seconds and answers its `operation_id`. Whoever
 * follows it may cancel it.
 *
 * @param {{ sync: import('@upload-panel/server-adapter').SyncServer, signal: AbortSignal }} dependencies `signal` ends all of them
 */
export function serverJobs({ sync: { manager }, signal }) {
  let running = 0

  /** @type {import('node:http').RequestListener} */
  return async (request, response) => {
    if (request.method !== 'POST') return sendProblem(response, 405, 'method_not_allowed', 'Use POST.', { allow: 'POST' })
    if (running >= MOST_AT_ONCE)
      return sendProblem(response, 429, 'too_many_jobs', 'Wait until one of them has ended.', { 'retry-after': '5' })
    const id = await manager.createSyncOperation({ operation_type: 'full_sync', total_items: STEPS, source: 'demo', message: 'Catalogue' })
    running += 1
    void work(id)
      .catch((error) => {
        if (!signal.aborted) console.error(error)
      })
      .finally(() => (running -= 1))
    return sendJson(response, { operation_id: id })
  }

  /** @param {string} id */
  async function work(id) {
    for (let step = 1; step <= STEPS; step += 1) {
      await delay(STEP_MS, undefined, { signal })
      const word = await manager.updateSyncProgress(id, (step / STEPS) * 100, step, 0, `${step} of ${STEPS} articles`)
      if (word.status === 'cancelled') return
    }
    await manager.completeSyncOperation(id, 'completed', { message: `${STEPS} articles are up to date.` })
  }
}
