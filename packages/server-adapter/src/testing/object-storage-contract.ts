import { createHash, randomBytes } from 'node:crypto'
import { crc32c, crc32cToBase64 } from '@upload-panel/core/checksum'
import type { MultipartPlan, PutPlan, SignedPart } from '@upload-panel/core/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ObjectStorage, StorageTarget } from '../storage/object-storage.js'
import { countParts } from '../storage/object-storage.js'

/** A place where bytes are kept, and how a client reaches it. */
export interface StorageScene {
  /** On the same place each time: as after a restart, or on another node. */
  open(): Promise<ObjectStorage>
  /** Sends bytes as a client does; answers the status. */
  put(to: Pick<PutPlan, 'url'> & Pick<SignedPart, 'headers'>, bytes: Uint8Array<ArrayBuffer>): Promise<number>
  /** The least that a part but the last may have, bytes. */
  readonly partBytes: number
  close(): Promise<void>
}

export const randomContent = (size: number): Uint8Array<ArrayBuffer> => new Uint8Array(randomBytes(size))
export const newTarget = (size: number, more: Partial<StorageTarget> = {}): StorageTarget => ({
  operationId: randomBytes(16).toString('hex'),
  size,
  type: 'application/octet-stream',
  kind: 'put',
  partBytes: Math.max(1, size),
  ...more,
})

/** What every storage must do whose plans are `put` and `multipart`. */
export function objectStorageContract(name: string, openScene: () => Promise<StorageScene>): void {
  describe(`object storage ${name}`, () => {
    let scene: StorageScene
    let storage: ObjectStorage
    beforeEach(async () => {
      scene = await openScene()
      storage = await scene.open()
    })
    afterEach(async () => {
      await storage.close()
      await scene.close()
    })

    const inParts = (size: number, more: Partial<StorageTarget> = {}) =>
      newTarget(size, { kind: 'multipart', partBytes: scene.partBytes, ...more })
    const partOf = (bytes: Uint8Array<ArrayBuffer>, number: number) => bytes.slice((number - 1) * scene.partBytes, number * scene.partBytes)
    const numbersOf = (target: StorageTarget) => Array.from({ length: countParts(target) }, (_, index) => index + 1)
    const stored = async (target: StorageTarget, range?: { start?: number; end?: number }) => {
      const object = await storage.read(target.operationId)
      return object && new Uint8Array(await new Response(object.stream(range)).arrayBuffer())
    }
    const planPut = async (target: StorageTarget) => (await storage.plan(target)) as PutPlan
    async function sendParts(target: StorageTarget, bytes: Uint8Array<ArrayBuffer>, numbers = numbersOf(target)): Promise<void> {
      const { parts } = await storage.signParts(target, numbers)
      for (const part of parts) expect(await scene.put(part, partOf(bytes, part.part_number))).toBe(200)
    }
    async function begun(
      bytes: Uint8Array<ArrayBuffer>,
      numbers?: readonly number[],
      more: Partial<StorageTarget> = {},
    ): Promise<StorageTarget> {
      const target = inParts(bytes.length, more)
      await storage.plan(target)
      await sendParts(target, bytes, numbers === undefined ? undefined : [...numbers])
      return target
    }
    const bytesMissing = { status: 409, code: 'bytes_missing', retryable: true }
    const bytesWrong = { status: 409, code: 'bytes_wrong' }

    test.each([0, 1, 70_000])('keeps %i bytes that come in one request', async (size) => {
      const [target, bytes] = [newTarget(size), randomContent(size)]
      const plan = await planPut(target)
      expect(plan).toMatchObject({ kind: 'put', method: 'PUT', expires_in_s: 3600 })
      expect(await scene.put(plan, bytes)).toBe(200)
      await storage.complete(target)
      expect(await stored(target)).toEqual(bytes)
      expect((await storage.read(target.operationId))?.size).toBe(size)
    })

    test('keeps bytes that come in parts, in any order', async () => {
      const bytes = randomContent(2 * scene.partBytes + 3)
      const target = inParts(bytes.length)
      const plan = (await storage.plan(target)) as MultipartPlan
      expect(plan).toMatchObject({ kind: 'multipart', part_bytes: scene.partBytes, expires_in_s: 3600 })
      for (const part of [...(plan.parts ?? [])].reverse()) expect(await scene.put(part, partOf(bytes, part.part_number))).toBe(200)
      expect(await storage.listParts(target)).toMatchObject([
        { part_number: 1, size: scene.partBytes },
        { part_number: 2, size: scene.partBytes },
        { part_number: 3, size: 3 },
      ])
      expect(await storage.read(target.operationId)).toBeUndefined()
      await storage.complete(target)
      expect(await stored(target)).toEqual(bytes)
    })

    test('reads a range', async () => {
      const [target, bytes] = [newTarget(1000), randomContent(1000)]
      await scene.put(await planPut(target), bytes)
      await storage.complete(target)
      expect(await stored(target, { start: 100, end: 300 })).toEqual(bytes.slice(100, 300))
      expect(await stored(target, { start: 990 })).toEqual(bytes.slice(990))
      expect(await stored(target, { end: 7 })).toEqual(bytes.slice(0, 7))
      expect(await stored(target, { start: 5, end: 5 })).toEqual(new Uint8Array())
    })

    test('lets a reader go away in the middle', async () => {
      const target = await begun(randomContent(scene.partBytes))
      await storage.complete(target)
      const reader = (await storage.read(target.operationId))?.stream().getReader()
      expect((await reader?.read())?.value?.byteLength).toBeGreaterThan(0)
      await reader?.cancel()
    })

    test('says that nothing has arrived', async () => {
      const targets = [newTarget(5), inParts(5)]
      for (const target of targets) {
        await storage.plan(target)
        expect(await storage.listParts(target)).toEqual([])
        await expect(storage.complete(target)).rejects.toMatchObject(bytesMissing)
        expect(await storage.read(target.operationId)).toBeUndefined()
      }
    })

    test('does not complete while a part is missing, and says which', async () => {
      const bytes = randomContent(2 * scene.partBytes + 1)
      const target = await begun(bytes, [1, 3])
      await expect(storage.complete(target)).rejects.toMatchObject({ ...bytesMissing, message: 'Part 2 of this upload has not arrived.' })
      await sendParts(target, bytes, [2])
      await storage.complete(target)
      expect(await stored(target)).toEqual(bytes)
    })

    test('takes no more and no fewer bytes than an address was signed for', async () => {
      const target = newTarget(10)
      const plan = await planPut(target)
      for (const size of [9, 11]) expect(await scene.put(plan, randomContent(size))).toBeGreaterThanOrEqual(400)
      await expect(storage.complete(target)).rejects.toMatchObject(bytesMissing)
      const other = inParts(scene.partBytes + 5)
      await storage.plan(other)
      const { parts } = await storage.signParts(other, [2])
      for (const size of [4, 6]) expect(await scene.put(parts[0]!, randomContent(size))).toBeGreaterThanOrEqual(400)
      expect(await storage.listParts(other)).toEqual([])
    })

    test('takes the last of two equal parts', async () => {
      const bytes = randomContent(scene.partBytes + 1)
      const target = await begun(randomContent(bytes.length))
      await sendParts(target, bytes)
      await storage.complete(target)
      expect(await stored(target)).toEqual(bytes)
    })

    test('compares the ETags that a client says it was told', async () => {
      const target = await begun(randomContent(5))
      const [part] = await storage.listParts(target)
      await expect(storage.complete(target, { parts: [{ part_number: 1, etag: '"another"' }] })).rejects.toMatchObject(bytesWrong)
      await expect(storage.complete(target, { parts: [{ part_number: 2 }] })).rejects.toMatchObject(bytesWrong)
      await storage.complete(target, { parts: [{ part_number: 1, etag: part?.etag }] })
    })

    test('makes the same plan twice of one upload, and loses nothing', async () => {
      const bytes = randomContent(scene.partBytes + 1)
      const target = await begun(bytes, [1])
      const [first, second] = [await storage.plan(target), await storage.plan(target)] as MultipartPlan[]
      expect(second?.upload_id).toBe(first?.upload_id)
      expect(await storage.listParts(target)).toMatchObject([{ part_number: 1 }])
      await sendParts(target, bytes, [2])
      await storage.complete(target)
      expect(await stored(target)).toEqual(bytes)
    })

    test('goes on after a restart', async () => {
      const bytes = randomContent(scene.partBytes + 1)
      const target = await begun(bytes, [1])
      await storage.close()
      storage = await scene.open()
      expect(await storage.listParts(target)).toMatchObject([{ part_number: 1 }])
      await sendParts(target, bytes, [2])
      await storage.close()
      storage = await scene.open()
      await storage.complete(target)
      expect(await stored(target)).toEqual(bytes)
    })

    test('completes again what is complete, also after a restart', async () => {
      const bytes = randomContent(scene.partBytes + 1)
      const whole = newTarget(bytes.length)
      await scene.put(await planPut(whole), bytes)
      for (const target of [await begun(bytes), whole]) {
        await storage.complete(target)
        await storage.complete(target)
        await storage.close()
        storage = await scene.open()
        await storage.complete(target)
        expect(await stored(target)).toEqual(bytes)
      }
    })

    test('lets no address write to what is complete', async () => {
      const bytes = randomContent(7)
      const target = newTarget(7)
      const plan = await planPut(target)
      await scene.put(plan, bytes)
      await storage.complete(target)
      expect(await scene.put(plan, randomContent(7))).toBeGreaterThanOrEqual(400)
      expect(await stored(target)).toEqual(bytes)

      const other = await begun(bytes)
      const { parts } = await storage.signParts(other, [1])
      await storage.complete(other)
      expect(await scene.put(parts[0]!, randomContent(7))).toBeGreaterThanOrEqual(400)
      expect(await stored(other)).toEqual(bytes)
    })

    test('deletes what there is of an upload, complete or not, and is asked twice', async () => {
      const bytes = randomContent(9)
      const complete = await begun(bytes)
      await storage.complete(complete)
      const unfinished = await begun(bytes)
      const { parts } = await storage.signParts(unfinished, [1])
      for (const target of [complete, unfinished, newTarget(3)]) {
        await storage.discard(target.operationId)
        await storage.discard(target.operationId)
        expect(await storage.read(target.operationId)).toBeUndefined()
        expect(await storage.listParts(target)).toEqual([])
      }
      expect(await scene.put(parts[0]!, bytes)).toBeGreaterThanOrEqual(400)
    })

    test('verifies a checksum of the whole, and drops bytes that have another', async () => {
      const bytes = randomContent(scene.partBytes + 9)
      const crc = `crc32c:${crc32cToBase64(crc32c(bytes))}`
      const sha = `sha256:${createHash('sha256').update(bytes).digest('base64')}`
      const ofParts = createHash('sha256')
      for (const number of [1, 2]) ofParts.update(createHash('sha256').update(partOf(bytes, number)).digest())
      const composite = `sha256:${ofParts.digest('base64')}-2`
      for (const checksum of [crc, sha, composite]) {
        const target = await begun(bytes)
        await storage.complete(target, { checksum })
        expect(await stored(target)).toEqual(bytes)
        const wrong = await begun(randomContent(bytes.length))
        await expect(storage.complete(wrong, { checksum })).rejects.toMatchObject({ ...bytesWrong, retryable: true })
        expect(await storage.read(wrong.operationId)).toBeUndefined()
        expect(await storage.listParts(wrong)).toEqual([])
      }
      await expect(storage.complete(await begun(bytes), { checksum: composite.replace('-2', '-3') })).rejects.toMatchObject(bytesWrong)
    })

    test('verifies a checksum that was announced, and takes the right bytes after the wrong ones', async () => {
      const bytes = randomContent(500)
      const target = newTarget(500, { checksum: `crc32c:${crc32cToBase64(crc32c(bytes))}` })
      // Storage that hashes what comes refuses it at once; what does not is found out when it is to be completed.
      await scene.put(await planPut(target), randomContent(500))
      await expect(storage.complete(target)).rejects.toMatchObject({ status: 409, retryable: true })
      expect(await scene.put(await planPut(target), bytes)).toBe(200)
      await storage.complete(target)
      expect(await stored(target)).toEqual(bytes)
    })

    test('takes no checksum into an address but the one that it was signed for', async () => {
      const bytes = randomContent(50)
      const target = inParts(50, { algorithm: 'crc32c' })
      const plan = (await storage.plan(target)) as MultipartPlan
      expect(plan).toMatchObject({ checksum: { algorithm: 'crc32c' } })
      expect(plan.parts).toBeUndefined()
      const checksum = crc32cToBase64(crc32c(bytes))
      const { parts } = await storage.signParts(target, [1], { 1: checksum })
      expect(await scene.put(parts[0]!, bytes)).toBe(200)
      await storage.complete(target, { parts: [{ part_number: 1, checksum }], checksum: `crc32c:${checksum}` })
    })

    test('knows nothing of an unknown operation', async () => {
      expect(await storage.read('0'.repeat(32))).toBeUndefined()
      expect(await storage.listParts(inParts(5))).toEqual([])
    })
  })
}
