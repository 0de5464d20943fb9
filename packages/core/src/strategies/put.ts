import { storageError } from '../http/policy/classify.js'
import { readPutPlan, type PutPlan } from '../protocol/index.js'
import type { UploadStrategy } from './strategy.js'

/** The whole file in one request. */
export const put: UploadStrategy<PutPlan> = {
  kind: 'put',
  readPlan(raw, resolve) {
    const plan = readPutPlan(raw)
    return plan && { ...plan, url: resolve(plan.url) }
  },
  async upload(source, plan, context) {
    const body = await source.slice(0, source.size)
    const response = await context.send(plan.url, () => ({
      method: plan.method,
      url: plan.url,
      headers: plan.headers,
      body,
      onProgress: context.onProgress,
    }))
    if (response.status < 200 || response.status > 299) throw storageError(response, context.now())
    context.onProgress(source.size)
    return {}
  },
}
