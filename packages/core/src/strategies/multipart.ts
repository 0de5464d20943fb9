import { loadHashing } from '../checksum/load.js'
import type { PartChecksums } from '../checksum/part-checksums.js'
import { isUnanswered, toUploadError, UploadError } from '../errors.js'
import { isRecord, isStoredPart, readMultipartPlan, type MultipartPlan, type StoredPart } from '../protocol/index.js'
import { isOk } from './answer.js'
import { sliceOf } from './content.js'
import { isMismatch, isSealed, refusal } from './storage-answer.js'
import { createPartProgress } from './part-progress.js'
import { createPartUrls, type PartUrls } from './part-urls.js'
import { cutIntoParts, fittingParts, type Part } from './parts.js'
import type { TransferContext, TransferResult, UploadSource, UploadStrategy } from './strategy.js'

/** What is kept between runs: which upload at the storage, how it is cut, and which of its parts are there. Grows in place, so that a part costs O(1). */
interface MultipartCheckpoint {
  readonly uploadId: string
  readonly partBytes: number
  readonly parts: StoredPart[]
  /** Storage did not know the upload before this one, and no part has been stored since. */
  isRenewed: boolean
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
    try {
      return await transfer(source, plan, context)
    } catch (thrown) {
      if (context.signal.aborted) throw context.signal.reason
      throw thrown instanceof UploadError && thrown.status === 404 ? vanished(thrown, plan, context) : thrown
    }
  },
}

async function transfer(source: UploadSource, plan: MultipartPlan, context: TransferContext): Promise<TransferResult> {
  const parts = cutIntoParts(source.size, plan.part_bytes)
  const slice = (part: Part) => sliceOf(source, part.start, part.end)
  const hashing = plan.checksum && (await loadHashing())
  const checksumsOf = (some: readonly Part[]) =>
    hashing && plan.checksum && hashing.createPartChecksums({ ...plan.checksum, missing: some, slice, signal: context.signal })

  const { checkpoint, stored } = await resume(parts, plan, context, checksumsOf([]))
  const missing = parts.filter((part) => !stored.has(part.number))
  const checksums = checksumsOf(missing)
  const urls = createPartUrls(plan, missing, context, checksums)
  const progress = createPartProgress(stored.values(), context.onProgress)

  let next = 0
  let failure: { readonly thrown: unknown; readonly at: number } | undefined
  let isOver = false
  async function work(): Promise<void> {
    while (failure === undefined && !isOver && next < missing.length) {
      const part = missing[next] as Part
      next += 1
      try {
        const one = await sendPart(part, { slice, urls, checksums, context, onProgress: (sent) => progress.sent(part, sent) })
        if (one === 'sealed') {
          isOver = true
          return
        }
        stored.set(part.number, one)
        checkpoint.parts.push(one)
        checkpoint.isRenewed = false
        context.checkpoint.save(checkpoint)
        progress.stored(part)
      } catch (thrown) {
        // The other parts in flight may still arrive, and what arrived need not be sent again: let them end before the item waits.
        progress.lost(part)
        failure ??= { thrown, at: context.now() }
      }
    }
  }
  const [first] = missing
  const workers = first === undefined ? 0 : Math.min(missing.length, context.parallelism((await urls.of(first)).url))
  // All of them: a request that outlives its run would hold a slot that nobody knows of.
  await Promise.allSettled(Array.from({ length: workers }, work))
  context.signal.throwIfAborted()
  if (isOver) return {}
  if (failure !== undefined) throw since(failure.thrown, Math.max(0, context.now() - failure.at))

  const sent = parts.map(({ number }) => stored.get(number) as StoredPart)
  const checksum = hashing && plan.checksum && (await hashing.wholeChecksum(plan.checksum.algorithm, sent.map(hashedPart)))
  const etags = await etagsOf(sent, parts, context)
  return {
    parts: sent.map(({ part_number, checksum: digest }) => ({ part_number, etag: etags.get(part_number), checksum: checksum && digest })),
    checksum,
  }
}

/** A failure of a while ago: of the time that storage asked for some has passed. */
function since(thrown: unknown, ms: number): unknown {
  if (!(thrown instanceof UploadError) || thrown.retryAfterMs === undefined) return thrown
  const { code, message, status, remoteCode, retryable, translatable, retryAfterMs } = thrown
  return new UploadError(code, message, {
    ...{ status, remoteCode, retryable, translatable },
    retryAfterMs: Math.max(0, retryAfterMs - ms),
    cause: thrown,
  })
}

const hashedPart = ({ size, checksum = '' }: StoredPart) => ({ size, digest: checksum })

/** What an earlier run left. The storage's own list decides: a part whose answer was lost on the way is there all the same. */
async function resume(
  parts: readonly Part[],
  plan: MultipartPlan,
  context: TransferContext,
  checksums: PartChecksums<Part> | undefined,
): Promise<{ checkpoint: MultipartCheckpoint; stored: Map<number, StoredPart> }> {
  const saved = readCheckpoint(context.checkpoint.load())
  // Of another cut, a part may well have the right size; its bytes are others.
  const isResumed = saved?.uploadId === plan.upload_id && saved.partBytes === plan.part_bytes
  const stored = isResumed ? fittingParts(parts, await context.parts.list()) : new Map<number, StoredPart>()
  if (checksums !== undefined) await compare(parts, stored, new Map(saved?.parts.map((part) => [part.part_number, part])), checksums)
  const checkpoint = {
    uploadId: plan.upload_id,
    partBytes: plan.part_bytes,
    parts: [...stored.values()],
    isRenewed: saved?.isRenewed === true,
  }
  // Saved before the first part goes out: from now on a run that ends early has left something behind.
  context.checkpoint.save(checkpoint)
  return { checkpoint, stored }
}

/** Gives stored parts the checksums that the file has now, and takes out those of which storage has another one. */
async function compare(
  parts: readonly Part[],
  stored: Map<number, StoredPart>,
  saved: ReadonlyMap<number, StoredPart>,
  checksums: PartChecksums<Part>,
): Promise<void> {
  for (const [number, one] of [...stored]) {
    const checksum = saved.get(number)?.checksum ?? (await checksums.of(parts[number - 1] as Part))
    if (one.checksum === undefined || one.checksum === checksum) stored.set(number, { ...one, checksum })
    else stored.delete(number)
  }
}

function readCheckpoint(value: unknown): MultipartCheckpoint | undefined {
  if (!isRecord(value)) return undefined
  const { uploadId, partBytes, parts, isRenewed } = value
  if (typeof uploadId !== 'string' || typeof partBytes !== 'number' || !Array.isArray(parts)) return undefined
  return { uploadId, partBytes, parts: parts.filter(isStoredPart), isRenewed: isRenewed === true }
}

/** The upload is not known any more, where it should be: aborted, or swept away. The next plan makes another one, once; a second time something else is wrong. */
function vanished({ remoteCode }: UploadError, { upload_id, part_bytes }: MultipartPlan, context: TransferContext): UploadError {
  const isSecond = readCheckpoint(context.checkpoint.load())?.isRenewed === true
  context.checkpoint.save({ uploadId: upload_id, partBytes: part_bytes, parts: [], isRenewed: true } satisfies MultipartCheckpoint)
  const message = isSecond
    ? 'Storage does not know this upload, nor did it know the one before. Is the bucket the right one?'
    : 'Storage does not know this upload any more. It is begun anew.'
  return new UploadError('rejected', message, { status: 404, remoteCode, retryable: !isSecond })
}

interface SendPart {
  slice(part: Part): Promise<Blob>
  readonly urls: PartUrls
  readonly checksums: PartChecksums<Part> | undefined
  readonly context: TransferContext
  onProgress(sentBytes: number): void
}

/** Sends one part; once more, at once, where a fresh URL may help. `sealed`: the whole upload is complete already. */
async function sendPart(part: Part, { slice, urls, checksums, context, onProgress }: SendPart): Promise<StoredPart | 'sealed'> {
  const body = await slice(part)
  let url = await urls.of(part)
  for (let isLast = false; ; isLast = true) {
    try {
      const response = await context.send(
        url.url,
        async () => {
          // Looked up again with the slot in hand: it may have expired in the queue.
          url = await urls.of(part)
          return { method: 'PUT', url: url.url, body, onProgress, ...(url.headers !== undefined && { headers: url.headers }) }
        },
        part.number,
      )
      if (isOk(response)) {
        // CORS hides the ETag where the bucket does not expose it.
        return { part_number: part.number, size: body.size, etag: response.header('etag'), checksum: checksums?.known(part) }
      }
      if (isSealed(response)) return 'sealed'
      if (isMismatch(response)) await checksums?.again(part)
      // Storage's clock, not ours, decides when a URL has expired. Once with a fresh one; then it is not the URL.
      const isRefused = response.status === 403 || isMismatch(response)
      if (isRefused) urls.drop(url)
      if (isLast || !isRefused) throw refusal(response, context.now())
    } catch (thrown) {
      if (context.signal.aborted || !isUnanswered(toUploadError(thrown))) throw thrown
      urls.drop(url)
      if (isLast || !urls.isDoubtful(url)) throw thrown
    }
  }
}

/** The ETags of all parts; those that CORS has hidden out of the storage's list. */
async function etagsOf(
  sent: readonly StoredPart[],
  parts: readonly Part[],
  context: TransferContext,
): Promise<ReadonlyMap<number, string | undefined>> {
  const etags = new Map(sent.map(({ part_number, etag }) => [part_number, etag]))
  if (sent.every(({ etag }) => etag !== undefined)) return etags
  try {
    for (const [number, { etag }] of fittingParts(parts, await context.parts.list())) etags.set(number, etags.get(number) ?? etag)
  } catch (thrown) {
    // A server that has no list completes without.
    if (toUploadError(thrown).retryable) throw thrown
  }
  return etags
}
