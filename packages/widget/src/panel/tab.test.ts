import type { UploadPhase } from '@upload-panel/core'
import { expect, it } from 'vitest'
import { aSummary } from '../testing/a-summary.js'
import { countIn, isInTab, isTab, type Tab, TABS } from './tab.js'

const PHASES: Readonly<Record<UploadPhase, readonly Tab[]>> = {
  queued: ['all', 'active'],
  preparing: ['all', 'active'],
  ready: ['all', 'active'],
  uploading: ['all', 'active'],
  waiting: ['all', 'active'],
  processing: ['all', 'active'],
  completed: ['all', 'completed'],
  failed: ['all', 'failed'],
  cancelled: ['all'],
}

it.each(Object.entries(PHASES))('what is %s is under %j', (phase, tabs) => {
  expect(TABS.filter((tab) => isInTab(tab, phase as UploadPhase))).toEqual(tabs)
})

it('each tab counts what is under it', () => {
  const summary = aSummary({
    total: 45,
    queued: 1,
    active: 2,
    processing: 3,
    waiting: 4,
    paused: 5,
    completed: 6,
    failed: 7,
    cancelled: 17,
  })
  expect(TABS.map((tab) => countIn(tab, summary))).toEqual([45, 15, 6, 7])
})

it('nothing else is a tab', () => {
  expect(TABS.every(isTab)).toBe(true)
  for (const value of ['', 'All', 'cancelled', 'toString', null, undefined, 1, {}]) expect(isTab(value)).toBe(false)
})
