import { expect, test } from 'vitest'
import { createTurns } from './turns.js'

function make(perRound: number) {
  const due: (() => void)[] = []
  const done: string[] = []
  const turns = createTurns({ perRound, nextRound: (callback) => void due.push(callback) })
  const turn = (name: string) => () => void done.push(name)
  const names = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, turn(name)]))
  return {
    done,
    rounds: () => due.length,
    ask: (name: string) => turns.ask(names[name] ?? turn(name)),
    next: () => due.shift()?.(),
  }
}

test('what there is a turn for is done at once', () => {
  const { ask, done } = make(2)
  ask('a')
  ask('b')
  expect(done).toEqual(['a', 'b'])
})

test('the others follow in their order, so many a round', () => {
  const { ask, done, next } = make(1)
  for (const name of ['a', 'b', 'c']) ask(name)
  expect(done).toEqual(['a'])
  next()
  expect(done).toEqual(['a', 'b'])
  next()
  expect(done).toEqual(['a', 'b', 'c'])
})

test('who asks again while waiting keeps the place, and waits once', () => {
  const { ask, done, next } = make(1)
  for (const name of ['a', 'b', 'c', 'b']) ask(name)
  for (let round = 0; round < 4; round += 1) next()
  expect(done).toEqual(['a', 'b', 'c'])
})

test('who had a turn goes behind those who wait', () => {
  const { ask, done, next } = make(1)
  for (const name of ['a', 'b', 'a']) ask(name)
  next()
  next()
  expect(done).toEqual(['a', 'b', 'a'])
})

test('no round is asked for while nobody wants one', () => {
  const { ask, next, rounds } = make(1)
  expect(rounds()).toBe(0)
  ask('a')
  expect(rounds()).toBe(1)
  next()
  expect(rounds()).toBe(0)
})
