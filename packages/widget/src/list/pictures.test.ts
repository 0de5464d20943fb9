import { describe, expect, test } from 'vitest'
import { manualTimer } from '../testing/manual-timer.js'
import { createPictures } from './pictures.js'

function setUp(options: { readonly limit?: number; readonly maxBytes?: number } = {}) {
  const { setTimer, advance } = manualTimer()
  const loading: { readonly text: string; end(): Promise<void>; fail(): Promise<void> }[] = []
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
  const pictures = createPictures<string>({
    setTimer,
    load: async (file) => {
      const text = await file.text()
      return new Promise((resolve, reject) =>
        loading.push({
          text,
          end: () => (resolve(`picture of ${text}`), turn()),
          fail: () => (reject(new Error('no')), turn()),
        }),
      )
    },
    ...options,
  })
  const told: string[] = []
  const read: string[] = []
  const show = (id: string, content = id) =>
    pictures.show(
      id,
      () => {
        read.push(id)
        return new Blob([content])
      },
      () => told.push(id),
    )
  const settle = async () => {
    advance(1000)
    await turn()
    await turn()
  }
  /** Asks for each and loads it. */
  const load = async (...ids: readonly string[]) => {
    for (const id of ids) {
      show(id)
      await settle()
      await loading.at(-1)?.end()
    }
  }
  return { pictures, show, settle, load, loading, told, read, advance }
}

describe('pictures', () => {
  test('are there once they were loaded, and the one who asked is told', async () => {
    const { show, settle, loading, told } = setUp()
    expect(show('a')).toBeUndefined()
    await settle()
    await loading[0]?.end()
    expect(told).toEqual(['a'])
    expect(show('a')).toBe('picture of a')
  })

  test('are not begun while rows come and go, and only for those that stay', async () => {
    const { pictures, show, settle, advance, read } = setUp()
    show('a')
    advance(100)
    show('b')
    pictures.leave('a')
    advance(100)
    expect(read).toEqual([])
    await settle()
    expect(read).toEqual(['b'])
  })

  test('are not put off by a row that asks again with each tick', async () => {
    const { show, advance, read } = setUp()
    show('a')
    for (let tick = 0; tick < 10; tick += 1) {
      advance(50)
      show('a')
    }
    expect(read).toEqual(['a'])
  })

  test('are loaded two at a time, the latest first, and one alone before any has worked', async () => {
    const { show, settle, loading, read } = setUp()
    for (const id of ['a', 'b', 'c', 'd']) show(id)
    await settle()
    expect(read).toEqual(['d'])
    await loading[0]?.end()
    expect(read).toEqual(['d', 'c', 'b'])
    await loading[1]?.end()
    expect(read).toEqual(['d', 'c', 'b', 'a'])
  })

  test('that are none are not asked for again', async () => {
    const { show, settle, loading, read, told } = setUp()
    show('a')
    await settle()
    await loading[0]?.fail()
    expect(told).toEqual(['a'])
    expect(show('a')).toBeUndefined()
    await settle()
    expect(read).toEqual(['a'])
  })

  test('are let go of when they become many, the one looked at longest ago first', async () => {
    const { show, load } = setUp({ limit: 2 })
    await load('a', 'b')
    show('a')
    await load('c')
    expect(show('a')).toBe('picture of a')
    expect(show('c')).toBe('picture of c')
    expect(show('b')).toBeUndefined()
  })

  test('are let go of when their files are large, but for the one that was asked for', async () => {
    const { pictures, show, load } = setUp({ maxBytes: 3 })
    await load('aa', 'bb')
    expect(show('aa')).toBeUndefined()
    pictures.leave('aa')
    expect(show('bb')).toBe('picture of bb')
    await load('cccccc')
    expect(show('cccccc')).toBe('picture of cccccc')
  })

  test('of files that have left are forgotten', async () => {
    const { pictures, show, load } = setUp()
    await load('a', 'b')
    pictures.keepOnly((id) => id === 'b')
    expect(show('a')).toBeUndefined()
    expect(show('b')).toBe('picture of b')
  })

  test('are all forgotten at the end, the one that is just being loaded included', async () => {
    const { pictures, show, settle, loading, told } = setUp()
    show('a')
    await settle()
    pictures.clear()
    await loading[0]?.end()
    expect(told).toEqual([])
    expect(show('a')).toBeUndefined()
  })

  test('of a file that is gone by then are none', async () => {
    const { pictures, settle, loading } = setUp()
    const told: string[] = []
    pictures.show(
      'a',
      () => undefined,
      () => told.push('a'),
    )
    await settle()
    expect(loading).toEqual([])
    expect(told).toEqual(['a'])
  })
})
