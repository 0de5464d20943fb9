import { describe, expect, it } from 'vitest'
import { createTurns } from './turns.js'

/** Tasks that begin when the test says so. */
function setUp() {
  const tasks: (() => void)[] = []
  const turn = createTurns((callback) => tasks.push(callback))
  const begun: number[] = []
  return {
    turn,
    tasks,
    begun,
    /** Callers ask for turns, all in this task. */
    async ask(count: number) {
      for (let number = 0; number < count; number += 1) void Promise.resolve(turn()).then(() => begun.push(number))
      await settled()
    },
    async nextTask() {
      tasks.shift()?.()
      await settled()
    },
  }
}
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('turns', () => {
  it('let four through at once, and as many in each task that follows, in their order', async () => {
    const { begun, ask, nextTask } = setUp()
    const counts: number[] = []
    for (await ask(11); begun.length < 11; await nextTask()) counts.push(begun.length)
    expect(counts).toEqual([4, 8])
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  it('do not let a late caller past those who wait', async () => {
    const { begun, ask, nextTask } = setUp()
    await ask(6)
    await nextTask()
    await ask(3)
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 0, 1])
    await nextTask()
    expect(begun).toHaveLength(9)
  })

  it('need one task for those who begin in one, and none once nobody comes', async () => {
    const { tasks, ask, nextTask } = setUp()
    await ask(3)
    expect(tasks).toHaveLength(1)
    await nextTask()
    expect(tasks).toHaveLength(0)
    await ask(4)
    expect(tasks).toHaveLength(1)
  })
})
