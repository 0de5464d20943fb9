import { expect, it } from 'vitest'
import { aSummary } from '../testing/a-summary.js'
import { createRunSummary } from './run-summary.js'

const completed = aSummary({ total: 3, completed: 3, totalBytes: 900, sentBytes: 900, fraction: 1 })
const another = aSummary({ total: 4, completed: 3, active: 1, totalBytes: 1000, sentBytes: 950, fraction: 0.95 })

it('is the whole for the first files', () => {
  const summary = aSummary({ total: 1, active: 1, totalBytes: 100, sentBytes: 50, fraction: 0.5 })
  expect(createRunSummary()(summary)).toBe(summary)
})

it('leaves out what was there before', () => {
  const ofRun = createRunSummary()
  expect(ofRun(completed)).toBe(completed)
  expect(ofRun(another)).toEqual({ ...another, totalBytes: 100, sentBytes: 50, fraction: 0.5 })
})

it('is the whole again once nothing is on its way', () => {
  const ofRun = createRunSummary()
  ofRun(completed)
  ofRun(another)
  const ended = aSummary({ total: 4, completed: 4, totalBytes: 1000, sentBytes: 1000, fraction: 1 })
  expect(ofRun(ended)).toBe(ended)
})

it('stays right when the earlier files are cleared meanwhile', () => {
  const ofRun = createRunSummary()
  ofRun(completed)
  ofRun(another)
  const cleared = aSummary({ total: 1, active: 1, totalBytes: 100, sentBytes: 50, fraction: 0.5 })
  expect(ofRun(cleared)).toMatchObject({ totalBytes: 100, sentBytes: 50, fraction: 0.5 })
})

it('says nothing impossible when a file of before is taken back', () => {
  const ofRun = createRunSummary()
  ofRun(completed)
  ofRun(another)
  const revoked = aSummary({ total: 4, completed: 2, failed: 1, active: 1, totalBytes: 700, sentBytes: 650, fraction: 0.92 })
  const { sentBytes, totalBytes, fraction } = ofRun(revoked)
  expect([sentBytes >= 0, sentBytes <= totalBytes, fraction >= 0, fraction <= 1]).toEqual([true, true, true, true])
})

it('has the fraction of files where there are no bytes', () => {
  const ofRun = createRunSummary()
  ofRun(completed)
  expect(ofRun({ ...another, totalBytes: 900, sentBytes: 900, fraction: 0.75 }).fraction).toBe(0.75)
})
