import { describe, expect, test } from 'vitest'
import { createEmitter } from './events.js'

interface Events {
  said: (word: string, count: number) => void
  left: () => void
}

function setUp() {
  const errors: unknown[] = []
  const emitter = createEmitter<Events>((error) => errors.push(error))
  const heard: unknown[] = []
  return { emitter, errors, heard }
}

describe('an event', () => {
  test('is told to its listeners with all that belongs to it, in the order in which they came', () => {
    const { emitter, heard } = setUp()
    emitter.on('said', (...args) => heard.push(['first', ...args]))
    emitter.on('said', (...args) => heard.push(['second', ...args]))
    emitter.on('left', () => heard.push('left'))
    emitter.emit('said', 'a', 1)
    expect(heard).toEqual([
      ['first', 'a', 1],
      ['second', 'a', 1],
    ])
  })

  test('that nobody listens to is no error', () => {
    expect(() => setUp().emitter.emit('left')).not.toThrow()
  })

  test('is told to all although one throws, which is reported', () => {
    const { emitter, errors, heard } = setUp()
    const error = new Error('mine')
    emitter.on('left', () => {
      throw error
    })
    emitter.on('left', () => heard.push('left'))
    emitter.emit('left')
    expect(heard).toEqual(['left'])
    expect(errors).toEqual([error])
  })
})

describe('a listener', () => {
  test('hears nothing more once it has left, be it while the event is told', () => {
    const { emitter, heard } = setUp()
    emitter.on('left', () => stop())
    const stop = emitter.on('left', () => heard.push('told'))
    emitter.emit('left')
    emitter.emit('left')
    expect(heard).toEqual([])
  })

  test('that comes while an event is told hears the next one', () => {
    const { emitter, heard } = setUp()
    let isFirst = true
    emitter.on('left', () => {
      if (isFirst) emitter.on('left', () => heard.push('told'))
      isFirst = false
    })
    emitter.emit('left')
    expect(heard).toEqual([])
    emitter.emit('left')
    expect(heard).toEqual(['told'])
  })

  test('that came twice leaves once for each time', () => {
    const { emitter, heard } = setUp()
    const listener = () => heard.push('told')
    const stop = emitter.on('left', listener)
    emitter.on('left', listener)
    stop()
    stop()
    emitter.emit('left')
    expect(heard).toEqual(['told'])
  })

  test('hears nothing after all were let go of, be it while an event is told', () => {
    const { emitter, heard } = setUp()
    emitter.on('left', () => emitter.clear())
    emitter.on('left', () => heard.push('told'))
    emitter.emit('left')
    emitter.emit('left')
    expect(heard).toEqual([])
  })
})
