import type { FormFields, HttpResponse } from '../http/http-client.js'
import type { SignPartsAnswer, SignPartsRequest, StoredPart } from '../protocol/index.js'
import type { StorageRequest, TransferContext } from '../strategies/strategy.js'
import { splitBody } from './split-body.js'
import { createManualClock, type ManualClock } from './manual-clock.js'

/** A request of a strategy that a test has to answer. */
export interface TransferRequest extends Omit<StorageRequest, 'body'> {
  /** Empty where the request has fields of a form, or nothing. */
  readonly body: Blob
  readonly form?: FormFields
  readonly place: number
  progress(sentBytes: number): void
  respond(status: number, headers?: Readonly<Record<string, string>>, text?: string): void
  reject(error: Error): void
  readonly isSettled: boolean
}

/** All that a strategy may use, in the hands of a test. */
export interface Transfer {
  readonly clock: ManualClock
  readonly context: TransferContext
  readonly requests: readonly TransferRequest[]
  waiting(): readonly TransferRequest[]
  readonly progress: readonly number[]
  /** Part numbers of each call that signed. */
  readonly signed: readonly (readonly number[])[]
  /** What each of these calls told of the parts. */
  readonly checksums: readonly SignPartsRequest['checksums'][]
  readonly saved: { value: unknown }
  /** What the storage lists. */
  readonly stored: StoredPart[]
  abort(reason: Error): void
}

export interface TransferOptions {
  readonly slots?: number
  readonly checkpoint?: unknown
  readonly stored?: readonly StoredPart[]
  /** Replaces the server's calls. `call` counts from 1. */
  readonly list?: () => Promise<readonly StoredPart[]>
  readonly sign?: (partNumbers: readonly number[], call: number) => Promise<SignPartsAnswer>
}

export function createTransfer({ slots = 3, checkpoint, stored = [], list, sign }: TransferOptions = {}): Transfer {
  const clock = createManualClock()
  const controller = new AbortController()
  const requests: TransferRequest[] = []
  const progress: number[] = []
  const signed: (readonly number[])[] = []
  const checksums: SignPartsRequest['checksums'][] = []
  const saved = { value: checkpoint }
  const listed = [...stored]

  const context: TransferContext = {
    signal: controller.signal,
    item: { id: 'item-1', metadata: {} },
    order: () => [0],
    async send(_url, make, place = 0) {
      const request = await make()
      return new Promise<HttpResponse>((resolve, reject) => {
        let isSettled = false
        const settle = (finish: () => void) => {
          if (isSettled) return
          isSettled = true
          finish()
        }
        controller.signal.addEventListener('abort', () => settle(() => reject(controller.signal.reason)))
        requests.push({
          ...request,
          ...splitBody(request.body),
          place,
          progress: (sentBytes) => request.onProgress?.(sentBytes),
          respond: (status, headers = {}, text = '') => settle(() => resolve({ status, header: (name) => headers[name], text })),
          reject: (error) => settle(() => reject(error)),
          get isSettled() {
            return isSettled
          },
        })
      })
    },
    parallelism: () => slots,
    onProgress: (sentBytes) => progress.push(sentBytes),
    checkpoint: { load: () => saved.value, save: (value) => (saved.value = structuredClone(value)) },
    parts: {
      async sign(partNumbers, digests) {
        signed.push(partNumbers)
        checksums.push(digests)
        if (sign !== undefined) return sign(partNumbers, signed.length)
        return {
          parts: partNumbers.map((number) => ({ part_number: number, url: `http://s.test/${number}?${signed.length}` })),
          expires_in_s: 3600,
        }
      },
      list: list ?? (() => Promise.resolve(listed)),
    },
    now: clock.now,
    plannedAt: clock.now(),
  }
  return {
    clock,
    context,
    requests,
    waiting: () => requests.filter((request) => !request.isSettled),
    progress,
    signed,
    checksums,
    saved,
    stored: listed,
    abort: (reason) => controller.abort(reason),
  }
}
