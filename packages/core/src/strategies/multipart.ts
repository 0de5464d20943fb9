import { UploadError } from '../errors.js'
import { storageError } from '../http/policy/classify.js'
import { isRecord, readMultipartPlan, type MultipartPlan, type SignedPart, type StoredPart } from '../protocol/index.js'
import { cutIntoParts, fittingParts, type Part } from './parts.js'
import type { TransferContext, UploadSource, UploadStrategy } from './strategy.js'
import { usableUntil } from './validity.js'

/** Part URLs asked for in one call. */
const SIGN_BATCH = 50

/** What is kept between runs: which upload at the storage, and which of its parts are there. Grows in place, so that a part costs O(1). */
interface MultipartCheckpoint {
  readonly uploadId: string
  readonly parts: StoredPart[]
}

/** The file in parts, S3's way, several at once. A part that storage has is never sent again. */
export const multipart: UploadStrategy<MultipartPlan> = {
  kind: 'multipart',
  signsAnew: true,
  readPlan(raw, resolve) {
    const plan = readMultipartPlan(raw)
    return plan?.parts === undefined ? plan : { ...plan, parts: plan.parts.map((part) => ({ ...part, url: resolve(part.url) })) }
  },
  async upload(source, plan, context) {
    const parts = cutIntoParts(source.size, plan.part_bytes)
    const { checkpoint, stored } = await resume(parts, plan, context)
    const urls = createPartUrls(plan, context, (number) => !stored.has(number), parts.length)
    const progress = createPartProgress(stored.values(), context.onProgress)
    const missing = parts.filter((part) => !stored.has(part.number))

    let nextPart = 0
    let failure: { readonly thrown: unknown } | undefined
    async function work(): Promise<void> {
      while (failure === undefined && nextPart < missing.length) {
        const part = missing[nextPart] as Part
        nextPart += 1
        try {
          const one = await sendPart(part, source, urls, context, (sent) => progress.sent(part.number, sent))
          stored.set(part.number, one)
          checkpoint.parts.push(one)
          context.checkpoint.save(checkpoint)
          progress.stored(part)
        } catch (error) {
          if (context.signal.aborted) throw context.signal.reason
          // The other parts in flight may still arrive, and what arrived need not be sent again: let them end before the item waits.
          progress.lost(part.number)
          failure ??= { thrown: error }
        }
      }
    }
    const workers = Math.min(missing.length, missing.length === 0 ? 0 : context.parallelism(await urls.of(missing[0] as Part)))
    const ends = await Promise.allSettled(Array.from({ length: workers }, work))
    if (context.signal.aborted) throw context.signal.reason
    for (const end of ends) if (end.status === 'rejected') throw end.reason
    if (failure !== undefined) throw failure.thrown
    return {
      parts: parts.map(({ number }) => {
        const etag = stored.get(number)?.etag
        return { part_number: number, ...(etag !== undefined && { etag }) }
      }),
    }
  },
}

/** What an earlier run left. The storage's own list decides: a part whose answer was lost on the way is there all the same. */
async function resume(
  parts: readonly Part[],
  plan: MultipartPlan,
  context: TransferContext,
): Promise<{ checkpoint: MultipartCheckpoint; stored: Map<number, StoredPart> }> {
  const saved = context.checkpoint.load()
  const isResumed = isCheckpoint(saved) && saved.uploadId === plan.upload_id
  const stored = isResumed ? fittingParts(parts, await context.parts.list()) : new Map<number, StoredPart>()
  const checkpoint = { uploadId: plan.upload_id, parts: [...stored.values()] }
  // Saved before the first part goes out: from now on a run that ends early has left something behind.
  context.checkpoint.save(checkpoint)
  return { checkpoint, stored }
}

function isCheckpoint(value: unknown): value is MultipartCheckpoint {
  return isRecord(value) && typeof value['uploadId'] === 'string' && Array.isArray(value['parts'])
}

async function sendPart(
  part: Part,
  source: UploadSource,
  urls: PartUrls,
  context: TransferContext,
  onProgress: (sentBytes: number) => void,
): Promise<StoredPart> {
  const body = await source.slice(part.start, part.end)
  const size = part.end - part.start
  const send = async () =>
    context.send(
      await urls.of(part),
      // The URL is looked up again with the slot in hand: it may have expired in the queue.
      async () => ({ method: 'PUT', url: await urls.of(part), body, onProgress }),
      part.number,
    )

  let response = await send()
  if (response.status === 403) {
    // Storage's clock, not ours, decides when a URL has expired. Once with a fresh one; then it is not the URL.
    urls.drop(part)
    response = await send()
  }
  if (response.status < 200 || response.status > 299) throw storageError(response, context.now())
  // Hidden by CORS where the bucket does not expose it: then the server asks the storage.
  const etag = response.header('etag')
  return { part_number: part.number, size, ...(etag !== undefined && { etag }) }
}

interface PartUrls {
  of(part: Part): Promise<string>
  drop(part: Part): void
}

/** Signed URLs by part number, asked for in batches ahead of need; one call at a time. */
function createPartUrls(plan: MultipartPlan, context: TransferContext, isMissing: (number: number) => boolean, count: number): PartUrls {
  const urls = new Map<number, { readonly url: string; readonly usableUntil: number }>()
  let signing: Promise<void> | undefined

  function keep(signed: readonly SignedPart[], expiresInS: number, since: number): void {
    for (const { part_number, url } of signed) urls.set(part_number, { url, usableUntil: usableUntil(since, expiresInS) })
  }
  function valid(number: number): string | undefined {
    const signed = urls.get(number)
    return signed !== undefined && signed.usableUntil > context.now() ? signed.url : undefined
  }
  async function signFrom(first: number): Promise<void> {
    const numbers: number[] = []
    for (let number = first; number <= count && numbers.length < SIGN_BATCH; number += 1) {
      if (isMissing(number) && valid(number) === undefined) numbers.push(number)
    }
    const askedAt = context.now()
    const answer = await context.parts.sign(numbers)
    keep(answer.parts, answer.expires_in_s, askedAt)
    if (!answer.parts.some((part) => part.part_number === first)) {
      throw new UploadError('bad_answer', `The server did not sign part ${first}.`)
    }
  }

  keep(plan.parts ?? [], plan.expires_in_s, context.plannedAt)
  return {
    async of(part) {
      for (let url = valid(part.number); ; url = valid(part.number)) {
        if (url !== undefined) return url
        if (signing === undefined) {
          signing = signFrom(part.number).finally(() => (signing = undefined))
          await signing
          // A server that signs URLs which are already over would be asked for ever.
          return urls.get(part.number)?.url as string
        }
        // Someone else's call may bring this part's URL along; its failure is theirs to report.
        await signing.catch(() => {})
      }
    },
    drop(part) {
      urls.delete(part.number)
    },
  }
}

/** Bytes of the whole file out of the bytes of its parts. */
function createPartProgress(already: Iterable<StoredPart>, onProgress: (sentBytes: number) => void) {
  let storedBytes = 0
  for (const part of already) storedBytes += part.size
  let inFlightBytes = 0
  const inFlight = new Map<number, number>()

  function set(number: number, bytes: number): void {
    inFlightBytes += bytes - (inFlight.get(number) ?? 0)
    if (bytes === 0) inFlight.delete(number)
    else inFlight.set(number, bytes)
  }
  if (storedBytes > 0) onProgress(storedBytes)
  return {
    sent(number: number, bytes: number): void {
      set(number, bytes)
      onProgress(storedBytes + inFlightBytes)
    },
    stored(part: Part): void {
      set(part.number, 0)
      storedBytes += part.end - part.start
      onProgress(storedBytes + inFlightBytes)
    },
    lost(number: number): void {
      set(number, 0)
    },
  }
}
