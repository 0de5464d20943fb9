import { computed } from 'nanostores'
import { describe, expect, test } from 'vitest'
import { createView, invalidate } from './view.js'

function setUp<T>(first: T) {
  let value = first
  const errors: unknown[] = []
  const lives: string[] = []
  const { $store, refresh } = createView(() => value, {
    reportError: (error) => errors.push(error),
    onFirst: () => lives.push('first'),
    onLast: () => lives.push('last'),
  })
  const commit = (next: T) => {
    value = next
    invalidate()
  }
  return { $store, refresh, commit, errors, lives }
}

describe('a view', () => {
  test('answers the committed value at once, with and without listeners', () => {
    const { $store, commit } = setUp('a')
    commit('b')
    expect($store.get()).toBe('b')
    $store.listen(() => {})
    commit('c')
    expect($store.get()).toBe('c')
  })

  test('tells its listeners when it is asked to look, and once for any number of commits', () => {
    const { $store, refresh, commit } = setUp('a')
    const heard: unknown[] = []
    $store.listen((value, before) => heard.push([before, value]))
    commit('b')
    commit('c')
    expect(heard).toEqual([])
    refresh()
    expect(heard).toEqual([['a', 'c']])
  })

  test('is silent while the value is the one that was told last', () => {
    const { $store, refresh, commit } = setUp('a')
    const heard: unknown[] = []
    $store.listen((value) => heard.push(value))
    refresh()
    commit('b')
    commit('a')
    refresh()
    expect(heard).toEqual([])
  })

  test('tells a subscriber the committed value at once, and not again', () => {
    const { $store, refresh, commit } = setUp('a')
    const heard: unknown[] = []
    commit('b')
    $store.subscribe((value) => heard.push(value))
    refresh()
    expect(heard).toEqual(['b'])
  })

  test('tells a later subscriber nothing that it knows, and an earlier one everything', () => {
    const { $store, refresh, commit } = setUp('a')
    const early: unknown[] = []
    const late: unknown[] = []
    $store.subscribe((value) => early.push(value))
    commit('b')
    $store.subscribe((value) => late.push(value))
    refresh()
    expect(early).toEqual(['a', 'b'])
    expect(late).toEqual(['b'])
  })

  test('tells a later subscriber when the value is again what it was before it came', () => {
    const { $store, refresh, commit } = setUp('a')
    const late: unknown[] = []
    $store.listen(() => {})
    commit('b')
    $store.subscribe((value) => late.push(value))
    commit('a')
    refresh()
    expect(late).toEqual(['b', 'a'])
  })

  test('says when its first listener comes and its last one leaves', () => {
    const { $store, lives } = setUp('a')
    const stops = [$store.listen(() => {}), $store.subscribe(() => {})]
    expect(lives).toEqual(['first'])
    stops[0]?.()
    stops[0]?.()
    expect(lives).toEqual(['first'])
    stops[1]?.()
    stops[1]?.()
    expect(lives).toEqual(['first', 'last'])
    $store.listen(() => {})
    expect(lives).toEqual(['first', 'last', 'first'])
  })

  test('tells nobody who has left', () => {
    const { $store, refresh, commit } = setUp('a')
    const heard: unknown[] = []
    $store.listen((value) => heard.push(value))()
    commit('b')
    refresh()
    expect(heard).toEqual([])
  })

  test('tells the others when one listener throws, and reports it', () => {
    const { $store, refresh, commit, errors } = setUp('a')
    const heard: unknown[] = []
    const error = new Error('mine')
    $store.listen(() => {
      throw error
    })
    $store.listen((value) => heard.push(value))
    commit('b')
    refresh()
    commit('c')
    refresh()
    expect(heard).toEqual(['b', 'c'])
    expect(errors).toEqual([error, error])
  })

  test('lets a newcomer in although an earlier listener throws at what it is told by that', () => {
    const { $store, commit, errors } = setUp('a')
    $store.listen(() => {
      throw new Error('mine')
    })
    commit('b')
    const heard: unknown[] = []
    $store.subscribe((value) => heard.push(value))
    expect(heard).toEqual(['b'])
    expect(errors).toHaveLength(1)
  })

  test('is what a computed store needs: right when asked, with listeners and without', () => {
    const { $store, refresh, commit } = setUp(1)
    const $double = computed($store, (value) => value * 2)
    expect($double.get()).toBe(2)
    commit(2)
    expect($double.get()).toBe(4)
    const heard: unknown[] = []
    const stop = $double.listen((value) => heard.push(value))
    commit(3)
    expect($double.get()).toBe(6)
    refresh()
    expect(heard).toEqual([6])
    stop()
  })
})
