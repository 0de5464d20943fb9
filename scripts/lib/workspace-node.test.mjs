import { describe, expect, it } from 'vitest'
import { isAtLeast } from './workspace-node.mjs'

describe('the Node of the tools', () => {
  it('is the one that the lockfile brings, or as new as the tools ask for', () => {
    expect(isAtLeast(process.versions.node, [22, 19])).toBe(true)
  })

  it.each([
    ['22.19.0', true],
    ['22.20.1', true],
    ['24.0.0', true],
    ['22.18.9', false],
    ['20.20.2', false],
  ])('%s is at least 22.19: %s', (version, expected) => {
    expect(isAtLeast(version, [22, 19])).toBe(expected)
  })
})
