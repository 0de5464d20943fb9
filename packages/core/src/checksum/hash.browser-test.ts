import { expect } from 'chai'
import { loadHashing } from './load.js'

const MIB = 2 ** 20
const { signal } = new AbortController()

describe('checksums in this browser', () => {
  it('are loaded when they are asked for, and are those of other makers', async () => {
    const { digestOf } = await loadHashing()
    const file = new File(['123456789'], 'a')
    expect(await digestOf('crc32c', file, signal)).to.equal('4waSgw==')
    expect(await digestOf('sha256', file, signal)).to.equal('FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=')
  })

  it('of a slice of a file are those of its bytes alone', async () => {
    const { digestOf } = await loadHashing()
    const bytes = new Uint8Array(3 * MIB).map((_, index) => (index * 31) & 255)
    const file = new File([bytes], 'a')
    for (const [start, end] of [
      [0, MIB],
      [MIB - 3, 2 * MIB + 5],
      [5, 5],
    ] as const) {
      expect(await digestOf('crc32c', file.slice(start, end), signal)).to.equal(
        await digestOf('crc32c', new File([bytes.slice(start, end)], 'b'), signal),
      )
    }
  })

  it('let the page go on while a large file is hashed', async () => {
    const { digestOf } = await loadHashing()
    const file = new File([new Uint8Array(16 * MIB)], 'large')
    let turns = 0
    let isOver = false
    const count = () => {
      turns += 1
      if (!isOver) setTimeout(count)
    }
    count()
    await digestOf('crc32c', file, signal)
    isOver = true
    // One turn at least for each piece of it.
    expect(turns).to.be.greaterThan(4)
  })
})
