import { describe, expect, it } from 'vitest'
import type { UploaderOptions } from '../options.js'
import { followUploads } from '../realtime/follow.js'
import { createTestFile, settle } from '../testing/index.js'
import { createSite } from '../testing/site.js'
import { cloudinary } from './cloudinary.js'
import { postForm } from './post-form.js'
import { putTo } from './put-to.js'

const MIB = 2 ** 20

/** Pages of one site, one after the other, with a backend that keeps nothing of a queue. */
function openPages(backend: () => UploaderOptions['backend'], isFollowed = false) {
  const site = createSite()
  return () =>
    site.open({
      isFollowed,
      uploader: { backend: backend() },
      persistence: { maxFileBytes: 100 * MIB, maxBytes: 100 * MIB },
    })
}

describe('after a reload, without a server that knows the queue', () => {
  it('cloudinary goes on after the chunks that are there', async () => {
    const open = openPages(() => cloudinary({ cloudName: 'demo', uploadPreset: 'web', chunkBytes: 5 * MIB }))
    const first = await open()
    await first.add([createTestFile('film.mov', 12 * MIB)])
    const [chunk] = first.waiting()
    chunk?.respond(200, {}, '{"done":false}')
    await first.pass()
    await first.pass()
    await first.kill()
    const second = await open()
    await second.pass()
    expect(second.waiting().map(({ headers }) => headers)).toEqual([
      { 'x-unique-upload-id': chunk?.headers?.['x-unique-upload-id'], 'content-range': `bytes ${5 * MIB}-${10 * MIB - 1}/${12 * MIB}` },
    ])
  })

  it('putTo has what is left of the queue signed anew', async () => {
    let calls = 0
    const open = openPages(() => putTo(({ name }) => `http://s.test/${name}?${(calls += 1)}`))
    const first = await open()
    await first.add([createTestFile('a', 4), createTestFile('b', 4)])
    first.waiting()[0]?.respond(200)
    await first.pass()
    await first.pass()
    await first.kill()
    const second = await open()
    await second.pass()
    expect(second.waiting().map(({ url }) => url)).toEqual(['http://s.test/b?3'])
  })

  it('postForm goes on following what the server works on, and sends nothing again', async () => {
    let status = 'in_progress'
    const follow = followUploads({
      status: async (ids) =>
        ids.map((id) => ({ operation_id: id, operation_type: 'upload', status, progress: 0, timestamp: '2026-01-01T00:00:00Z' })),
    })
    const open = openPages(() => postForm({ url: '/upload', follow }), true)
    const first = await open()
    await first.add([createTestFile('film.mov', 4)])
    first.waiting()[0]?.respond(202, {}, '{"uploadId":"u1"}')
    await settle()
    expect(first.phases()).toEqual(['processing'])
    await first.pass()
    await first.kill()
    status = 'completed'
    const second = await open()
    await second.pass()
    expect(second.uploader.items()).toMatchObject([{ phase: 'completed', operationId: 'u1' }])
    expect(second.world.requests).toEqual([])
  })
})
