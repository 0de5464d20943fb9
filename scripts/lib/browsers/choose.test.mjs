import { describe, expect, it } from 'vitest'
import { chooseEngines } from './choose.mjs'

const two = { chromium: '/usr/bin/chromium', firefox: /** @type {const} */ ('playwright'), webkit: undefined }

describe('the engines of a component run', () => {
  it('are all that the machine has, when none is named', () => {
    expect(chooseEngines(two, undefined)).toEqual(['chromium', 'firefox'])
  })

  it('are the named ones', () => {
    expect(chooseEngines(two, 'firefox')).toEqual(['firefox'])
  })

  it.each(['webkit', 'chromium,webkit', 'opera', ''])('must all be there: %j is an error', (names) => {
    expect(() => chooseEngines(two, names)).toThrow('No ')
  })

  it('must be at least one', () => {
    expect(() => chooseEngines({ chromium: undefined, firefox: undefined, webkit: undefined }, undefined)).toThrow('No browser was found')
  })
})
