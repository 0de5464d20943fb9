import type { PartChecksums } from '../checksum/part-checksums.js'
import { ownError } from '../errors.js'
import type { MultipartPlan, SignedPart } from '../protocol/index.js'
import type { Part } from './parts.js'
import type { TransferContext } from './strategy.js'
import { isDoubtful, usableUntil } from './validity.js'

/** Part URLs asked for in one call. */
const SIGN_BATCH = 50

/** Where a part goes, and until when. */
export interface PartUrl extends SignedPart {
  /** What it was signed for. */
  readonly checksum: string | undefined
  /** The same object for all that were signed together. The times are milliseconds since the epoch, as the page's clock told them. */
  readonly signing: { readonly at: number; readonly expiresInS: number; readonly usableUntil: number }
}

/** Signed URLs of the parts that are missing. */
export interface PartUrls {
  /** The part's own; asks for it, and for those that come next, where there is none that is still good. */
  of(part: Part): Promise<PartUrl>
  isDoubtful(url: PartUrl): boolean
  /** It was refused: neither it nor those that were signed together with it are used any more. Parts in flight with another one keep that. */
  drop(url: PartUrl): void
}

/** Of a plan, as long as the plan lives: a run that was paused has used up none of them. Secrets, so in memory only. */
const urlsOfPlans = new WeakMap<MultipartPlan, Map<number, PartUrl>>()

/**
 * Signed URLs, asked for in batches ahead of need: while the last of a batch are being used the next batch is on its way.
 * One call at a time, whoever needs it. `missing` are the parts to be sent, in their order.
 */
export function createPartUrls(
  plan: MultipartPlan,
  missing: readonly Part[],
  context: TransferContext,
  checksums: PartChecksums<Part> | undefined,
): PartUrls {
  const urls = urlsOfPlans.get(plan) ?? new Map<number, PartUrl>()
  if (!urlsOfPlans.has(plan)) {
    urlsOfPlans.set(plan, urls)
    keep(plan.parts ?? [], plan.expires_in_s, context.plannedAt, {})
  }
  /** Parts whose senders wait for a URL. */
  const wanted = new Set<Part>()
  /** The first of `missing` that nobody has begun. */
  let next = 0
  let signing: { readonly parts: ReadonlySet<Part>; readonly done: Promise<void> } | undefined
  /** Whether someone sees to the next batch; for good once that has failed: then whoever needs a URL asks, and tells of the failure. */
  let isLookingAhead = false

  function keep(signed: readonly SignedPart[], expiresInS: number, signedAt: number, digests: Readonly<Record<number, string>>): void {
    const together = { at: signedAt, expiresInS, usableUntil: usableUntil(signedAt, expiresInS) }
    for (const part of signed) urls.set(part.part_number, { ...part, signing: together, checksum: digests[part.part_number] })
  }

  function valid(part: Part): PartUrl | undefined {
    const url = urls.get(part.number)
    return url !== undefined && url.signing.usableUntil > context.now() && url.checksum === checksums?.known(part) ? url : undefined
  }

  /** What a call asks for: what is waited for, then what comes next. With checksums only what they are known of. */
  function batch(): ReadonlySet<Part> {
    const parts = new Set<Part>()
    const add = (part: Part) => {
      if (valid(part) === undefined && (checksums === undefined || checksums.known(part) !== undefined)) parts.add(part)
    }
    for (const part of wanted) add(part)
    for (let index = next; index < missing.length && parts.size < SIGN_BATCH; index += 1) add(missing[index] as Part)
    return parts
  }

  async function call(parts: ReadonlySet<Part>): Promise<void> {
    const askedAt = context.now()
    const digests = checksums && Object.fromEntries([...parts].map((part) => [part.number, checksums.known(part) ?? '']))
    const numbers = [...parts].map(({ number }) => number)
    const answer = await context.parts.sign(numbers, digests)
    keep(answer.parts, answer.expires_in_s, askedAt, digests ?? {})
  }

  function sign(): Promise<void> {
    const parts = batch()
    const done = call(parts).finally(() => (signing = undefined))
    signing = { parts, done }
    return done
  }

  async function find(part: Part): Promise<PartUrl> {
    await checksums?.of(part)
    for (let isMine = false; ; ) {
      const url = isMine ? urls.get(part.number) : valid(part)
      if (url !== undefined) return url
      if (isMine) throw ownError('bad_answer', `The server did not sign part ${part.number}.`)
      if (signing === undefined) {
        await sign()
        // Also one that is over as soon as it comes: a server that signs such ones would be asked for ever.
        isMine = true
      } else {
        const { parts, done } = signing
        // Someone else's call; its failure is theirs to report.
        isMine = await done.then(
          () => parts.has(part),
          () => false,
        )
      }
    }
  }

  /** Sees to it that those who are next will not have to wait. */
  async function lookAhead(url: string): Promise<void> {
    if (isLookingAhead || signing !== undefined) return
    const soon = missing.slice(next, next + context.parallelism(url)).find((part) => valid(part) === undefined)
    if (soon === undefined) return
    isLookingAhead = true
    await checksums?.of(soon)
    if (signing === undefined && valid(soon) === undefined) await sign()
    isLookingAhead = false
  }

  return {
    async of(part) {
      wanted.add(part)
      try {
        const url = await find(part)
        next = Math.max(next, missing.indexOf(part, next) + 1)
        lookAhead(url.url).catch(() => {})
        return url
      } finally {
        wanted.delete(part)
      }
    },
    isDoubtful: ({ signing: { at, expiresInS } }) => isDoubtful(at, expiresInS, context.now()),
    drop(url) {
      for (const [number, other] of urls) if (other.signing === url.signing) urls.delete(number)
    },
  }
}
