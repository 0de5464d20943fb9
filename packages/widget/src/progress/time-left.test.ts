import { expect, it } from 'vitest'
import { createTimeLeft } from './time-left.js'

it('says nothing as long as it would be a guess', () => {
  const left = createTimeLeft()
  expect(left.at(0, undefined)).toBe(undefined)
  expect(left.at(0, 0.1)).toBe(undefined)
  expect(left.at(2000, 0.3)).toBe(undefined)
  expect(left.at(10_000, 0.3)).toBe(undefined)
})

it('goes by the rate of late', () => {
  const left = createTimeLeft()
  left.at(0, 0)
  expect(left.at(10_000, 0.5)).toBe(10)
})

it('counts down while nothing is heard, and never below nothing', () => {
  const left = createTimeLeft()
  left.at(0, 0)
  left.at(10_000, 0.5)
  expect(left.at(14_000, 0.5)).toBe(6)
  expect(left.at(30_000, 0.5)).toBe(undefined)
})

it('forgets what was before it began anew', () => {
  const left = createTimeLeft()
  left.at(0, 0)
  left.at(10_000, 0.9)
  expect(left.at(11_000, 0.1)).toBe(undefined)
  expect(left.at(21_000, 0.5)).toBe(12.5)
})

it('forgets how it went long ago', () => {
  const left = createTimeLeft()
  for (let step = 0; step <= 20; step += 1) left.at(step * 60_000, step / 1000)
  for (let step = 1; step <= 20; step += 1) left.at(1_200_000 + step * 1000, 0.02 + step / 100)
  expect(left.at(1_220_000, 0.22)).toBeCloseTo(78, 0)
})

it('says nothing at the end', () => {
  const left = createTimeLeft()
  left.at(0, 0)
  expect(left.at(10_000, 1)).toBe(undefined)
})
