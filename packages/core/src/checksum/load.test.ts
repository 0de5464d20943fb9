import { describe, expect, it, vi } from 'vitest'
import { loadHashing } from './load.js'

vi.mock('./hashing.js', () => {
  throw new TypeError('Failed to fetch dynamically imported module')
})

describe('the code for checksums', () => {
  it('that cannot be loaded is a network that failed: the upload waits, and asks again', async () => {
    await expect(loadHashing()).rejects.toMatchObject({ code: 'network', retryable: true })
    vi.doUnmock('./hashing.js')
    vi.resetModules()
    expect(await loadHashing()).toHaveProperty('digestOf')
  })
})
