import { describe, expect, it } from 'vitest'
import { sparseIds } from './sparse-ids.js'

const order = Array.from({ length: 1000 }, (_, index) => `id-${index}`)
const changes = (...entries: readonly (readonly [string, boolean])[]) => new Map(entries)

it('is like an array of those that are in', () => {
  const third = order.filter((_, index) => index % 3 === 0)
  const ids = sparseIds(order, (_, place) => place % 3 === 0)
  expect([...ids]).toEqual(third)
  expect(ids.length).toBe(third.length)
  expect(third.map((_, index) => ids.at(index))).toEqual(third)
  expect(third.map((id) => ids.indexOf(id))).toEqual(third.map((_, index) => index))
  expect(ids.slice(40, 50)).toEqual(third.slice(40, 50))
  expect(ids.slice(330, 400)).toEqual(third.slice(330, 400))
  expect([ids.at(-1), ids.at(third.length), ids.indexOf('id-1'), ids.indexOf('stranger')]).toEqual([undefined, undefined, -1, -1])
})

it('is empty where nothing is in', () => {
  const ids = sparseIds(order, () => false)
  expect([ids.length, ids.at(0), [...ids]]).toEqual([0, undefined, []])
  expect(sparseIds([], () => true).length).toBe(0)
})

describe('another list with changes', () => {
  it('has them in the order of the whole', () => {
    let ids = sparseIds(order, () => false)
    const shuffled = order.map((id, index) => [id, (index * 7919) % 1000] as const).sort((a, b) => a[1] - b[1])
    for (const [id] of shuffled) ids = ids.with(changes([id, true]))
    expect([...ids]).toEqual(order)
    expect([...ids.with(changes(['id-500', false], ['id-0', false], ['id-999', false]))]).toEqual(
      order.filter((id) => !['id-500', 'id-0', 'id-999'].includes(id)),
    )
  })

  it('leaves the earlier one as it was', () => {
    const before = sparseIds(order, () => true)
    const after = before.with(changes(['id-0', false]))
    expect([before.length, before.at(0), after.length, after.at(0)]).toEqual([1000, 'id-0', 999, 'id-1'])
  })

  it('has nothing twice, and nothing that is not in the order', () => {
    const ids = sparseIds(['a', 'b'], (id) => id === 'a').with(changes(['a', true], ['b', false], ['stranger', true]))
    expect([...ids]).toEqual(['a'])
  })

  it('shares what was not touched', async () => {
    const copied = (count: number) => {
      const all = Array.from({ length: count }, (_, index) => `id-${index}`)
      const ids = sparseIds(all, () => true)
      let steps = 0
      const prototype: { filter: unknown } = Array.prototype
      const filter = prototype.filter
      prototype.filter = function (this: unknown[], ...args: unknown[]) {
        steps += this.length
        return Reflect.apply(filter as () => unknown, this, args)
      }
      try {
        ids.with(changes(['id-200', false]))
      } finally {
        prototype.filter = filter
      }
      return steps
    }
    expect(copied(10_000)).toBe(128)
    expect(copied(300)).toBe(128)
  })
})
