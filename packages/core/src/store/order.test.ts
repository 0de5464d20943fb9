import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createOrder, type Ranked } from './order.js'

/** An order, and whoever keeps the ranks. */
function orderOf(...ids: readonly string[]) {
  const ranked = new Map<string, Ranked>()
  const order = createOrder(ranked)
  const append = (added: readonly string[]) => {
    const first = order.append(added)
    added.forEach((id, index) => ranked.set(id, { rank: first + index }))
  }
  append(ids)
  return { ...order, append, rank: (id: string) => ranked.get(id)?.rank }
}
/** The ids as their ranks have them; none twice in one place. */
function byRank(order: ReturnType<typeof orderOf>): readonly string[] {
  const rank = (id: string) => order.rank(id) as number
  const sorted = [...order.ids()].sort((a, b) => rank(a) - rank(b))
  return sorted.map((id, index) => (index > 0 && rank(sorted[index - 1] as string) === rank(id) ? `${id}, tied` : id))
}

describe('the order', () => {
  test('is that of addition', () => {
    const order = orderOf('a', 'b')
    order.append(['c'])
    expect(order.ids()).toEqual(['a', 'b', 'c'])
    expect(byRank(order)).toEqual(['a', 'b', 'c'])
  })

  test('is a new array after each change and the same in between', () => {
    const order = orderOf('a', 'b')
    const before = order.ids()
    expect(order.ids()).toBe(before)
    order.move('a', 1)
    expect(order.ids()).not.toBe(before)
    expect(before).toEqual(['a', 'b'])
  })

  test('forgets what was removed', () => {
    const order = orderOf('a', 'b', 'c')
    order.remove(new Set(['b']))
    expect(order.ids()).toEqual(['a', 'c'])
    order.append(['d'])
    expect(byRank(order)).toEqual(['a', 'c', 'd'])
  })
})

describe('a move', () => {
  test.each([
    ['a', 2, ['b', 'c', 'a', 'd']],
    ['d', 0, ['d', 'a', 'b', 'c']],
    ['b', -5, ['b', 'a', 'c', 'd']],
    ['b', 99, ['a', 'c', 'd', 'b']],
    ['b', Infinity, ['a', 'c', 'd', 'b']],
    ['a', 1.9, ['b', 'a', 'c', 'd']],
  ])('of %s to %d', (id, index, expected) => {
    const order = orderOf('a', 'b', 'c', 'd')
    expect(order.move(id, index)).toBe(true)
    expect(order.ids()).toEqual(expected)
    expect(byRank(order)).toEqual(expected)
  })

  test.each([
    ['a', 0],
    ['unknown', 1],
    ['a', NaN],
    ['a', -3],
  ])('of %s to %d changes nothing, and says so', (id, index) => {
    const order = orderOf('a', 'b')
    const before = order.ids()
    expect(order.move(id, index)).toBe(false)
    expect(order.ids()).toBe(before)
  })

  test('changes the rank of the moved alone', () => {
    const order = orderOf('a', 'b', 'c', 'd')
    const before = ['a', 'b', 'c'].map(order.rank)
    order.move('d', 1)
    expect(['a', 'b', 'c'].map(order.rank)).toEqual(before)
  })

  test('goes on being right two hundred times into the same gap', () => {
    const order = orderOf('first', ...Array.from({ length: 200 }, (_, index) => `id${index}`))
    for (let index = 0; index < 200; index += 1) {
      order.move(`id${index}`, 1)
      expect(byRank(order)).toEqual(order.ids())
    }
    expect(order.ids().slice(0, 3)).toEqual(['first', 'id199', 'id198'])
  })

  test('that numbers all anew puts every rank above those before, for those who remember one', () => {
    const order = orderOf('a', ...Array.from({ length: 100 }, (_, index) => `id${index}`))
    let highest = order.rank('id99') as number
    for (let index = 0; index < 100; index += 1) {
      const before = order.rank('a') as number
      order.move(`id${index}`, 1)
      const rank = order.rank('a') as number
      expect(rank === before || rank > highest).toBe(true)
      highest = Math.max(highest, ...order.ids().map((id) => order.rank(id) as number))
    }
    expect(order.rank('a')).toBeGreaterThan(1)
  })
})

test('ranks compare as places do, after any additions, removals and moves', () => {
  const id = fc.constantFrom(...Array.from({ length: 12 }, (_, index) => `id${index}`))
  const step = fc.oneof(
    fc.record({ do: fc.constant('add' as const), id }),
    fc.record({ do: fc.constant('remove' as const), id }),
    fc.record({ do: fc.constant('move' as const), id, index: fc.integer({ min: -2, max: 14 }) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      const order = orderOf()
      let model: string[] = []
      for (const next of steps) {
        const isHere = model.includes(next.id)
        if (next.do === 'add' && !isHere) {
          order.append([next.id])
          model.push(next.id)
        } else if (next.do === 'remove') {
          order.remove(new Set([next.id]))
          model = model.filter((one) => one !== next.id)
        } else if (next.do === 'move') {
          order.move(next.id, next.index)
          if (isHere) {
            model = model.filter((one) => one !== next.id)
            model.splice(Math.max(0, Math.min(model.length, next.index)), 0, next.id)
          }
        }
        expect(order.ids()).toEqual(model)
        expect(byRank(order)).toEqual(model)
      }
    }),
  )
})
