import { describe, expect, test } from 'vitest'
import { createTestEnvironment } from '../testing/test-environment.js'
import { createNotifier } from './notifier.js'

function setUp() {
  const environment = createTestEnvironment()
  let frames = 0
  const notifier = createNotifier({ nextFrame: (callback) => ((frames += 1), environment.nextFrame(callback)) })
  const looks: string[] = []
  const view = (name: string, onLook = () => {}) => ({
    $store: undefined as never,
    isHeard: () => true,
    refresh() {
      looks.push(name)
      onLook()
    },
  })
  return { environment, notifier, looks, view, frames: () => frames }
}

describe('marked views', () => {
  test('look once at the next frame, however often they were marked, by one request for a frame', () => {
    const { environment, notifier, looks, view, frames } = setUp()
    const [a, b] = [view('a'), view('b')]
    for (const marked of [a, b, a, a]) notifier.mark(marked)
    expect(looks).toEqual([])
    environment.paint()
    environment.paint()
    expect(looks).toEqual(['a', 'b'])
    expect(frames()).toBe(1)
  })

  test('ask for no frame where nobody listens', () => {
    const { environment, notifier, looks, view, frames } = setUp()
    notifier.mark({ ...view('a'), isHeard: () => false })
    environment.paint()
    expect(looks).toEqual([])
    expect(frames()).toBe(0)
  })

  test('look at once when they are told to, and not again at the frame', () => {
    const { environment, notifier, looks, view } = setUp()
    notifier.mark(view('a'))
    notifier.flush()
    environment.paint()
    expect(looks).toEqual(['a'])
  })

  test('that are marked while others look do so at the next frame', () => {
    const { environment, notifier, looks, view } = setUp()
    const b = view('b')
    notifier.mark(view('a', () => notifier.mark(b)))
    environment.paint()
    expect(looks).toEqual(['a'])
    environment.paint()
    expect(looks).toEqual(['a', 'b'])
  })

  test('do not look any more after the end, and ask for no frame', () => {
    const { environment, notifier, looks, view, frames } = setUp()
    notifier.mark(view('a'))
    notifier.dispose()
    notifier.mark(view('b'))
    notifier.flush()
    environment.paint()
    expect(looks).toEqual([])
    expect(frames()).toBe(1)
  })
})
