import { MAX_PARTS } from '@upload-panel/core/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEFAULT_LIMITS } from '../limits.js'
import { countParts, sizeOfPart } from '../storage/object-storage.js'
import { planTransfer } from './plan-transfer.js'

const MIB = 2 ** 20
const GIB = 2 ** 30
const plan = (size: number, prefer?: { kind: 'put' | 'multipart'; part_bytes?: number }) =>
  planTransfer({ size, ...(prefer !== undefined && { prefer }) }, DEFAULT_LIMITS)

describe('the plan of a transfer', () => {
  test.each([
    [0, 'put', 1],
    [1, 'put', 1],
    [5 * MIB, 'put', 5 * MIB],
    [5 * MIB + 1, 'multipart', 5 * MIB],
    [160 * MIB - 1, 'multipart', 5 * MIB],
    [160 * MIB, 'multipart', 16 * MIB],
    [160_000 * MIB, 'multipart', 16 * MIB],
    [160_000 * MIB + 1, 'multipart', 17 * MIB],
  ] as const)('for %i bytes is %s in parts of %i', (size, kind, partBytes) => {
    expect(plan(size)).toEqual({ kind, partBytes })
  })

  test('follows the client’s preference within the limits', () => {
    expect(plan(GIB, { kind: 'put' })).toEqual({ kind: 'put', partBytes: GIB })
    expect(plan(MIB, { kind: 'multipart' })).toEqual({ kind: 'multipart', partBytes: 5 * MIB })
    expect(plan(GIB, { kind: 'multipart', part_bytes: 50 * MIB })).toEqual({ kind: 'multipart', partBytes: 50 * MIB })
    expect(plan(GIB, { kind: 'multipart', part_bytes: 1 })).toEqual({ kind: 'multipart', partBytes: 5 * MIB })
    expect(plan(6 * GIB, { kind: 'put' })).toEqual({ kind: 'multipart', partBytes: 16 * MIB })
  })

  test('cuts any size into at most 10,000 parts whose sizes add up', () => {
    fc.assert(
      fc.property(
        fc.maxSafeNat().map((size) => size % (DEFAULT_LIMITS.maxFileBytes + 1)),
        fc.option(fc.integer({ min: 1, max: 10 * GIB }), { nil: undefined }),
        (size, part_bytes) => {
          const { kind, partBytes } = plan(size, part_bytes === undefined ? undefined : { kind: 'multipart', part_bytes })
          const target = { size, partBytes }
          const parts = countParts(target)
          const isWhole = (parts - 1) * partBytes + sizeOfPart(target, parts) === size
          return parts <= MAX_PARTS && isWhole && (kind === 'put' ? parts === 1 : partBytes >= DEFAULT_LIMITS.minPartBytes)
        },
      ),
    )
  })
})
