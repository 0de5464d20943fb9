import { describe, expect, test } from 'vitest'
import { UploadError } from '../errors.js'
import { settle } from '../testing/manual-clock.js'
import { createSite } from '../testing/site.js'
import { createMemoryStorage } from './memory-storage.js'
import type { QueueStorage } from './queue-storage.js'

const file = (name: string, content = name) => new File([content], name, { type: 'text/plain', lastModified: 1 })
const full = () => new DOMException('No room.', 'QuotaExceededError')

async function list(storage: QueueStorage) {
  return (await storage.claim('nobody', undefined, 0)).uploads
}

/** Ids of the uploads whose bytes are kept. */
async function keptFiles(storage: QueueStorage): Promise<readonly string[]> {
  const owners = new Set((await list(storage)).map(({ owner }) => owner))
  const files = await Promise.all([...owners].map(async (owner) => [...(await storage.claim(owner, undefined, 0)).files.keys()]))
  return files.flat()
}

/** A storage that fails where the test says so. */
function faulty(change: (storage: QueueStorage) => Partial<QueueStorage>): QueueStorage {
  const storage = createMemoryStorage()
  return { ...storage, ...change(storage) }
}

describe('a queue that cannot be kept', () => {
  test('uploads all the same, and says so once: IndexedDB is missing, blocked or broken', async () => {
    const page = await createSite(faulty(() => ({ claim: () => Promise.reject(new DOMException('Blocked.', 'SecurityError')) }))).open()
    const [id = ''] = await page.add([file('a'), file('b')])
    await page.pass()
    page.uploader.pause()
    page.uploader.resume()
    await page.pass()
    expect(page.item(id).phase).toBe('uploading')
    expect(page.warnings).toMatchObject([{ code: 'not_persisted', cause: { name: 'SecurityError' } }])
    expect(page.world.errors).toEqual([])
  })

  test('does not wait for a database that never answers', async () => {
    const page = await createSite(faulty(() => ({ claim: () => new Promise(() => {}) }))).open()
    const [id = ''] = await page.add([file('a')])
    expect(page.item(id).phase).toBe('uploading')
    expect(page.warnings).toEqual([])
    await page.world.clock.advance(10_000)
    expect(page.warnings).toMatchObject([{ code: 'not_persisted', cause: { message: 'The database did not open in time.' } }])
  })

  test('takes nothing over: what a tab has left is for one that keeps it', async () => {
    const site = createSite()
    const a = await site.open()
    const b = await site.open({
      persistence: { storage: { ...site.storage, write: () => Promise.reject(new DOMException('Closed.', 'InvalidStateError')) } },
    })
    const [id = ''] = await a.add([file('a')])
    await b.add([file('b')])
    for (const page of [a, b, a, b]) await page.pass()
    expect(b.warnings).toMatchObject([{ code: 'not_persisted' }])
    await a.kill()
    await b.pass()
    expect(b.uploader.items().map(({ name }) => name)).toEqual(['b'])
    const c = await site.open()
    expect(c.item(id)).toMatchObject({ name: 'a', phase: 'uploading' })
  })

  test('is not tried again once the uploader is disposed', async () => {
    const page = await createSite(faulty(() => ({ write: () => Promise.reject(full()) }))).open()
    await page.add([file('a')])
    await page.uploader.dispose()
    await settle()
    expect(page.world.frames()).toBe(0)
  })

  test('is not kept any more from the moment on when a write fails for good', async () => {
    let writes = 0
    const page = await createSite(
      faulty(() => ({
        write: () => {
          writes += 1
          return Promise.reject(new DOMException('Closed.', 'InvalidStateError'))
        },
      })),
    ).open()
    await page.add([file('a')])
    await page.pass()
    await page.add([file('b')])
    await page.pass()
    expect(writes).toBe(1)
    expect(page.warnings).toMatchObject([{ code: 'not_persisted' }])
    expect(page.phases()).toEqual(['uploading', 'uploading'])
  })

  test('does not hold up a page that comes out of the cache', async () => {
    let isBroken = false
    const storage = faulty((good) => ({
      claim: (...claim) => (isBroken ? Promise.reject(new DOMException('Gone.', 'UnknownError')) : good.claim(...claim)),
    }))
    const page = await createSite(storage).open()
    await page.add([file('a')])
    await page.pass()
    await page.hide()
    isBroken = true
    await page.show()
    await page.pass()
    expect(page.waiting()).toHaveLength(1)
    expect(page.warnings).toMatchObject([{ code: 'not_persisted' }])
  })
})

describe('a disk without room', () => {
  test('keeps no files, but the queue: first the bytes go, then everything', async () => {
    let room = 2
    const storage = faulty((good) => ({
      async write(owner, changes) {
        // Every upload with bytes takes the room of another one.
        const kept = await keptFiles(good)
        if (kept.length + (changes.puts ?? []).filter(([, isNew]) => isNew).length > room) throw full()
        return good.write(owner, changes)
      },
    }))
    const site = createSite(storage)
    const page = await site.open({ uploader: { autoStart: false } })
    await page.add([file('a'), file('b')])
    await page.pass()
    await page.pass()
    await page.add([file('c')])
    await page.pass()
    expect(page.warnings).toMatchObject([{ code: 'files_not_kept', cause: { name: 'QuotaExceededError' } }])
    expect((await list(storage)).map(({ item }) => item.name)).toEqual(['a', 'b', 'c'])
    expect((await keptFiles(storage)).length).toBe(0)
    room = 0
    await page.add([file('d')])
    await page.pass()
    expect(page.warnings.map(({ code }) => code)).toEqual(['files_not_kept', 'not_persisted'])
    expect(page.uploader.items()).toHaveLength(4)
  })

  test('that refuses a file is told of once, and asked no more', async () => {
    let asked = 0
    const site = createSite(
      faulty(() => ({
        keepFile() {
          asked += 1
          return Promise.reject(full())
        },
      })),
    )
    const page = await site.open({ uploader: { autoStart: false } })
    await page.add([file('a'), file('b')])
    await page.pass()
    await page.add([file('c')])
    await page.pass()
    expect(asked).toBe(1)
    expect(page.warnings).toMatchObject([{ code: 'files_not_kept' }])
  })

  test('is not filled: small files first, up to the budget, and never more than a quarter of what the browser still gives', async () => {
    const site = createSite()
    const page = await site.open({
      uploader: { autoStart: false },
      persistence: { maxBytes: 40, estimate: async () => ({ quota: 1100, usage: 1000 }) },
    })
    await page.add([
      file('big', 'x'.repeat(20)),
      file('small', 'x'.repeat(5)),
      file('middle', 'x'.repeat(10)),
      file('large', 'x'.repeat(24)),
    ])
    await page.pass()
    await page.pass()
    const uploads = await list(site.storage)
    const kept = new Set(await keptFiles(site.storage))
    expect(uploads.filter(({ id }) => kept.has(id)).map(({ item }) => item.name)).toEqual(['small', 'middle'])
    expect(uploads.filter(({ fingerprint }) => fingerprint?.sample !== undefined).map(({ item }) => item.name)).toEqual(['big', 'large'])
  })

  test('has room again for the files of uploads that are done', async () => {
    const site = createSite()
    const page = await site.open({ uploader: { autoStart: false }, persistence: { maxBytes: 10 } })
    const [a = ''] = await page.add([file('a', 'x'.repeat(8))])
    await page.pass()
    page.uploader.remove(a)
    const [b = ''] = await page.add([file('b', 'x'.repeat(8))])
    await page.pass()
    await page.pass()
    expect(await keptFiles(site.storage)).toEqual([b])
  })

  test('gets nothing of a file that was removed while others were written', async () => {
    const written: string[] = []
    let onWrite = () => {}
    const site = createSite(
      faulty((good) => ({
        async keepFile(owner, id, kept) {
          written.push(id)
          onWrite()
          return good.keepFile(owner, id, kept)
        },
      })),
    )
    const page = await site.open({ uploader: { autoStart: false } })
    const [a = '', b = ''] = await page.add([file('a'), file('b')])
    onWrite = () => page.uploader.remove(b)
    await page.pass()
    await page.pass()
    expect(written).toEqual([a])
  })

  test('is spared what is done within half a second', async () => {
    let puts = 0
    const site = createSite(
      faulty((good) => ({
        keepFile(owner, id, kept) {
          puts += 1
          return good.keepFile(owner, id, kept)
        },
      })),
    )
    const page = await site.open()
    const [id = ''] = await page.add([file('a')])
    page.waiting()[0]?.respond(200)
    page.world.paint()
    await page.world.clock.advance(100)
    site.server.say(page.item(id).operationId ?? '', { status: 'completed' })
    await page.pass()
    await page.pass()
    expect(puts).toBe(0)
  })
})

describe('an upload that cannot be cloned', () => {
  test('for what its metadata holds is stored without that, as it goes to the server', async () => {
    const site = createSite()
    const page = await site.open({ uploader: { autoStart: false } })
    await page.add([file('good')])
    await page.add([file('odd')], { metadata: { album: 7, onDone: () => {} } })
    await page.add([file('also good')])
    await page.pass()
    expect((await list(site.storage)).map(({ item }) => item.metadata)).toEqual([{}, { album: 7 }, {}])
    expect(page.warnings).toEqual([])
  })
})

describe('what it costs', () => {
  test('progress is never written, and many changes within a frame are one write', async () => {
    const writes: number[] = []
    const site = createSite(
      faulty((good) => ({
        write: (owner, changes) => {
          if (changes.puts !== undefined) writes.push(changes.puts.length)
          return good.write(owner, changes)
        },
      })),
    )
    const page = await site.open()
    const [id = ''] = await page.add([file('a'), file('b')])
    for (let times = 0; times < 5; times += 1) {
      page.uploader.setPriority(id, times)
      page.uploader.pause(id)
      page.uploader.resume(id)
    }
    await page.pass()
    const before = writes.length
    for (let sent = 0; sent < 100; sent += 1) page.waiting()[0]?.progress(sent)
    await page.pass()
    expect(before).toBeLessThanOrEqual(2)
    expect(writes).toHaveLength(before)
  })

  test('thousands of files are written in pieces, and never walked over', async () => {
    const sizes: number[] = []
    const site = createSite(
      faulty((good) => ({
        write: (owner, changes) => {
          if (changes.puts !== undefined) sizes.push(changes.puts.length)
          return good.write(owner, changes)
        },
      })),
    )
    const page = await site.open({ uploader: { autoStart: false } })
    await page.add(Array.from({ length: 2000 }, (_, index) => file(`${index}`)))
    for (let frame = 0; frame < 10; frame += 1) await page.pass()
    expect(Math.max(...sizes)).toBe(250)
    expect(await list(site.storage)).toHaveLength(2000)
    page.uploader.setPriority(page.uploader.items()[77]?.id ?? '', 1)
    sizes.length = 0
    await page.pass()
    expect(sizes).toEqual([1])
  })

  test('nothing is left of it when the uploader is disposed', async () => {
    const page = await createSite().open()
    await page.add([file('a')])
    await page.pass()
    await page.uploader.dispose()
    await page.pass()
    expect(page.world.clock.pending).toBe(0)
    page.tab.page.dispatchEvent(new Event('pageshow'))
    await page.pass()
    expect(page.warnings.filter((error) => error instanceof UploadError)).toEqual([])
  })
})
