import { describe, expect, it } from 'vitest'
import { startEngine } from '../testing/engine.js'
import { createTestFile, settle } from '../testing/index.js'

/*
 * Things that happen at the same moment, or inside one another.
 */

describe('a file that is looked at', () => {
  it.each(['retry', 'replaceFile'] as const)('is looked at again where a listener says %s as soon as it was refused', async (what) => {
    const refused: string[] = []
    const engine = startEngine({ restrictions: { validate: ({ name }) => (refused.push(name), refused.length === 1 ? 'No.' : null) } })
    engine.uploader.on('failed', ({ id }) =>
      what === 'retry' ? engine.uploader.retry(id) : engine.uploader.replaceFile(id, createTestFile('other', 3)),
    )
    const [id = ''] = await engine.add([4])
    expect(refused).toHaveLength(2)
    expect(engine.item(id).phase).toBe('uploading')
  })

  it('by validators and then by `prepare`, with many that end at once, goes on', async () => {
    const engine = startEngine({
      requestSlots: 100,
      restrictions: { validate: ({ size }) => (size === 4 ? null : Promise.resolve(null)) },
      prepare: (file) => file,
    })
    await engine.add(Array.from({ length: 60 }, (_, index) => 4 + (index % 3)))
    await settle()
    expect(new Set(engine.phases())).toEqual(new Set(['uploading']))
  })

  it('is asked for where it is not there: validators do not hold up an item of an earlier page', async () => {
    const earlier = startEngine()
    await earlier.add([4])
    const { uploader, world, item } = startEngine({
      backend: earlier.server.backend,
      jobId: earlier.uploader.jobId,
      restrictions: { validate: () => null },
    })
    uploader.$ids.listen(() => {})
    await world.clock.advance(1000)
    const [id = ''] = uploader.$ids.get()
    uploader.retry(id)
    await settle()
    expect(item(id)).toMatchObject({ phase: 'waiting', reason: 'file' })
    uploader.replaceFile(id, createTestFile('file-1', 4))
    await settle()
    expect(item(id).phase).toBe('uploading')
  })
})

describe('a strategy that neither answers nor looks at its signal', () => {
  it('keeps no place when its item is paused', async () => {
    const calls: string[] = []
    const engine = startEngine({
      concurrency: 1,
      strategies: [{ kind: 'put', upload: ({ name }) => (calls.push(name), new Promise(() => {})) }],
    })
    const [first = ''] = await engine.add([4, 4])
    engine.uploader.pause(first)
    await settle()
    expect(calls).toEqual(['file-1', 'file-2'])
    expect(engine.uploader.inspect().running).toBe(1)
  })
})
