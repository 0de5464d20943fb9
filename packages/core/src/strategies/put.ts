import { loadHashing } from '../checksum/load.js'
import { readPutPlan, type PutPlan } from '../protocol/index.js'
import { isOk, readJson } from './answer.js'
import { bodyOf, contentOf } from './content.js'
import { isSealed, refusal } from './storage-answer.js'
import type { UploadStrategy } from './strategy.js'

/** Saved before bytes go out that storage takes only once. */
const BEGUN = 'begun'

/** The whole file in one request. */
export const put: UploadStrategy<PutPlan> = {
  kind: 'put',
  readPlan(raw, resolve) {
    const plan = readPutPlan(raw)
    return plan && { ...plan, url: resolve(plan.url) }
  },
  async upload(source, plan, context) {
    // What is hashed and what is sent are one slice: never the bytes of two states of the file.
    const body = await (plan.checksum === undefined ? bodyOf(source) : contentOf(source))
    const isRepeated = context.checkpoint.load() === BEGUN
    if (isOnlyOnce(plan)) context.checkpoint.save(BEGUN)
    const hashing = plan.checksum && checksumOf(plan.checksum.algorithm, body, context.signal)
    // Looked at when the bytes have gone out, which a failure of it does not stop half-way.
    hashing?.catch(() => {})
    const response = await context.send(plan.url, () => ({
      method: plan.method,
      url: plan.url,
      headers: plan.headers,
      body,
      onProgress: context.onProgress,
    }))
    // What is there is ours: the answer to an earlier request was lost. `complete` verifies it.
    const isThere = isRepeated && response.status === 412 && isOnlyOnce(plan)
    if (!isOk(response) && !isThere && !isSealed(response)) throw refusal(response, context.now())
    context.onProgress(source.size)
    return { checksum: await hashing, result: plan.completes ? readJson(response) : undefined }
  },
}

/** "If-None-Match: *": storage refuses a second time what it has stored. */
function isOnlyOnce({ headers }: PutPlan): boolean {
  return Object.keys(headers).some((name) => name.toLowerCase() === 'if-none-match')
}

async function checksumOf(algorithm: NonNullable<PutPlan['checksum']>['algorithm'], body: Blob, signal: AbortSignal): Promise<string> {
  const { digestOf } = await loadHashing()
  return `${algorithm}:${await digestOf(algorithm, body, signal)}`
}
