import { expect, test } from 'vitest'
import { createReplays } from './replays.js'

test('the oldest names are forgotten where there are too many', () => {
  const replays = createReplays(2)
  for (const name of ['a', 'b', 'a', 'c']) replays.add(name)
  expect(['a', 'b', 'c'].map((name) => replays.has(name))).toEqual([false, true, true])
})
