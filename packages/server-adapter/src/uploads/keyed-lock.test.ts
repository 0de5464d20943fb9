import { expect, test } from 'vitest'
import { createKeyedLock } from './keyed-lock.js'

test('work on one key runs in the order of the calls, and other keys do not wait', async () => {
  const exclusively = createKeyedLock()
  const first = Promise.withResolvers<void>()
  const order: string[] = []
  const work = (name: string, wait?: Promise<void>) => async () => {
    order.push(`${name} begins`)
    await wait
    order.push(`${name} ends`)
  }
  const all = [exclusively('a', work('first', first.promise)), exclusively('a', work('second')), exclusively('b', work('other'))]
  await all[2]
  expect(order).toEqual(['first begins', 'other begins', 'other ends'])
  first.resolve()
  await Promise.all(all)
  expect(order.slice(3)).toEqual(['first ends', 'second begins', 'second ends'])
})

test('work that fails tells its caller, and lets the next begin', async () => {
  const exclusively = createKeyedLock()
  const failing = exclusively('a', () => Promise.reject(new RangeError('no')))
  const next = exclusively('a', async () => 'yes')
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe('yes')
})
