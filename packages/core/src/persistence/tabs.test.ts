import { describe, expect, test } from 'vitest'
import { settle } from '../testing/index.js'
import { createMemoryStorage } from './memory-storage.js'
import { createSite, withoutFiles, type Site, type SitePage } from '../testing/site.js'

const file = (name: string, content = name) => new File([content], name, { type: 'text/plain', lastModified: 1 })

/** All of them, one after the other, until what one has told the others has come back. */
async function passAll(...pages: readonly SitePage[]): Promise<void> {
  for (let round = 0; round < 2; round += 1) for (const page of pages) await page.pass()
}

async function twoTabs(): Promise<{ site: Site; a: SitePage; b: SitePage }> {
  const site = createSite()
  const a = await site.open()
  const b = await site.open()
  await passAll(a, b)
  return { site, a, b }
}

/** An upload that both show, and that runs in the first. */
async function sharedUpload() {
  const { site, a, b } = await twoTabs()
  const [id = ''] = await a.add([file('one')])
  await passAll(a, b)
  return { site, a, b, id }
}

/** The first of them is put aside, and its upload goes on in the second. */
async function takenOver() {
  const shared = await sharedUpload()
  await shared.a.hide()
  await passAll(shared.b)
  return shared
}

/** What a page would find that is opened now. */
const uploadsIn = async ({ storage }: Site) => (await storage.claim('nobody', undefined, 0)).uploads

describe('two tabs', () => {
  test('show the same queue; an upload runs in the tab to which it was added, and only there', async () => {
    const { site, a, b, id } = await sharedUpload()
    a.waiting()[0]?.progress(2)
    await passAll(a, b)
    expect(b.item(id)).toMatchObject({ name: 'one', phase: 'uploading', sentBytes: 2, mirrored: true })
    expect(b.uploader.$summary.get()).toMatchObject({ total: 1, active: 1, sentBytes: 2 })
    expect(b.world.requests).toEqual([])
    expect(site.server.calls.filter((call) => call.startsWith('createUploads'))).toHaveLength(1)
  })

  test('hear of each event once, in the tab that owns the upload', async () => {
    const { site, a, b, id } = await sharedUpload()
    const changes: string[] = []
    b.uploader.on('changed', (item) => changes.push(item.phase))
    a.waiting()[0]?.respond(200)
    await passAll(a, b)
    site.server.say(a.item(id).operationId ?? '', { status: 'completed' })
    await passAll(a, b)
    expect(a.events).toEqual(['added one', 'started one', 'transferred one', 'processing one', 'completed one'])
    expect(b.events).toEqual([])
    expect(b.item(id)).toMatchObject({ phase: 'completed' })
    expect(changes).toEqual(['processing', 'completed'])
  })

  test('find out about each other whichever was there first', async () => {
    const site = createSite()
    const a = await site.open({ uploader: { autoStart: false } })
    const [id = ''] = await a.add([file('one')])
    await a.pass()
    const b = await site.open()
    await passAll(a, b)
    expect(b.item(id)).toMatchObject({ phase: 'queued', mirrored: true })
    expect(b.waiting()).toEqual([])
  })

  test('tell each other at most once a frame, however much there is to tell', async () => {
    const { a, b } = await twoTabs()
    await a.add([file('one')])
    await passAll(a, b)
    const ids = b.uploader.$ids.get()
    let told = 0
    b.uploader.$items.listen(() => (told += 1))
    for (let sent = 0; sent < 3; sent += 1) for (const request of a.waiting()) request.progress(sent)
    await a.pass()
    await b.pass()
    expect(told).toBe(1)
    expect(b.uploader.$ids.get()).toBe(ids)
  })

  test('say nothing to nobody: a tab that is alone sends nothing', async () => {
    const site = createSite()
    const posted: unknown[] = []
    const a = await site.open({
      persistence: { openChannel: () => ({ onmessage: null, postMessage: (message) => posted.push(message), close() {} }) },
    })
    await a.add([file('one')])
    await a.pass()
    expect(posted).toHaveLength(1)
  })
})

describe('what a person asks for in another tab', () => {
  async function mirrored() {
    const { site, a, b, id } = await sharedUpload()
    const outcome = async () => {
      await passAll(b, a, b)
      return { a: a.item(id), b: b.item(id) }
    }
    return { site, a, b, id, outcome }
  }

  test('is done by the tab that owns the upload: pause, resume, cancel', async () => {
    const { b, id, outcome } = await mirrored()
    b.uploader.pause(id)
    expect(await outcome()).toMatchObject({ a: { paused: true, phase: 'queued' }, b: { paused: true, phase: 'queued' } })
    b.uploader.resume(id)
    expect(await outcome()).toMatchObject({ a: { phase: 'uploading' }, b: { phase: 'uploading' } })
    b.uploader.setPriority(id, 3)
    expect(await outcome()).toMatchObject({ a: { priority: 3 }, b: { priority: 3 } })
    b.uploader.cancel(id)
    expect(await outcome()).toMatchObject({ a: { phase: 'cancelled' }, b: { phase: 'cancelled' } })
  })

  test('removes it in both', async () => {
    const { a, b, id } = await mirrored()
    b.uploader.remove(id)
    await passAll(b, a, b)
    expect([a.phases(), b.phases()]).toEqual([[], []])
    expect([a.events.at(-1), b.events]).toEqual(['removed one', []])
  })

  test('brings the file to the tab that has lost it', async () => {
    const { site, a, b, id } = await mirrored()
    await a.kill()
    await b.kill()
    const c = await site.open({ persistence: { storage: withoutFiles(site.storage) } })
    const d = await site.open()
    await passAll(c, d)
    expect(d.item(id)).toMatchObject({ phase: 'waiting', reason: 'file', mirrored: true })
    d.uploader.replaceFile(id, file('one'))
    await passAll(d, c, d)
    expect([c.item(id).phase, d.item(id).phase]).toEqual(['uploading', 'uploading'])
    expect(d.waiting()).toEqual([])
  })

  test('holds and releases the queues of all', async () => {
    const { a, b } = await mirrored()
    b.uploader.pause()
    await passAll(b, a)
    expect([a.uploader.$summary.get().held, b.uploader.$summary.get().held]).toEqual([true, true])
    a.uploader.resume()
    await passAll(a, b)
    expect([a.uploader.$summary.get().held, b.uploader.$summary.get().held]).toEqual([false, false])
  })
})

describe('a tab that dies', () => {
  test('hands over: the other goes on where it was, and tells of it', async () => {
    const { site, a, b } = await twoTabs()
    const [id = ''] = await a.add([file('large', 'x'.repeat(12))])
    await passAll(a, b)
    const { operationId = '' } = a.item(id)
    site.server.storePart(operationId, { part_number: 2, size: 4, etag: '"2"' })
    await a.kill()
    await passAll(b)
    expect(b.item(id)).toMatchObject({ phase: 'uploading', operationId, attempt: 1 })
    expect(b.item(id)).not.toHaveProperty('mirrored')
    expect(b.waiting().map(({ url }) => new URL(url).pathname)).toEqual([`/${operationId}/1`, `/${operationId}/3`])
    expect(b.uploader.items()).toHaveLength(1)
    expect(b.events).toEqual(['added large'])
    expect(site.server.words()).toHaveLength(1)
  })

  test('hands over what was moved in the other one’s list, too', async () => {
    const { a, b } = await twoTabs()
    const [, id = ''] = await a.add([file('one'), file('two')])
    await passAll(a, b)
    b.uploader.move(id, 0)
    await passAll(a, b)
    await a.kill()
    await passAll(b)
    expect(b.uploader.items().map(({ mirrored }) => mirrored)).toEqual([undefined, undefined])
  })

  test('is survived once: of two other tabs one goes on, and the third shows that', async () => {
    const site = createSite()
    const [a, b, c] = [await site.open(), await site.open(), await site.open()]
    const [id = ''] = await a.add([file('one')])
    await passAll(a, b, c)
    await a.kill()
    await passAll(b, c, b, c)
    expect(b.waiting().length + c.waiting().length).toBe(1)
    expect([b.item(id).mirrored, c.item(id).mirrored].filter(Boolean)).toHaveLength(1)
    const [owner, other] = b.item(id).mirrored ? [c, b] : [b, c]
    owner.waiting()[0]?.respond(200)
    await passAll(owner, other)
    expect(other.item(id).phase).toBe('processing')
    await owner.kill()
    await passAll(other)
    site.server.say(other.item(id).operationId ?? '', { status: 'completed' })
    await passAll(other)
    expect(other.item(id)).toMatchObject({ phase: 'completed' })
    expect(other.events).toEqual(['added one', 'completed one'])
  })

  test('and was asked for something in the moment of its end: whoever goes on does it', async () => {
    const { site, a, b } = await twoTabs()
    const c = await site.open()
    const ids = await a.add([file('one'), file('two')])
    for (const id of ids) a.uploader.pause(id)
    await passAll(a, b, c)
    const dying = a.kill()
    b.uploader.resume(ids[0])
    c.uploader.cancel(ids[1])
    await dying
    await passAll(b, c, b, c)
    for (const { uploader } of [b, c]) expect(uploader.items().map(({ phase }) => phase)).toEqual(['uploading', 'cancelled'])
  })

  test('leaves nothing behind in the list of the others but what goes on', async () => {
    const { site, a, b, id } = await sharedUpload()
    a.waiting()[0]?.respond(200)
    await passAll(a)
    site.server.say(a.item(id).operationId ?? '', { status: 'completed' })
    await passAll(a, b)
    expect(b.phases()).toEqual(['completed'])
    await a.kill()
    await passAll(b)
    expect(b.phases()).toEqual([])
  })

  test('and had not kept its queue is not shown for ever', async () => {
    const site = createSite()
    const full = { ...site.storage, write: () => Promise.reject(new DOMException('No room.', 'QuotaExceededError')) }
    const [a, b] = [await site.open({ persistence: { storage: full } }), await site.open({ persistence: { storage: full } })]
    await a.add([file('one')])
    await b.add([file('two')])
    await passAll(a, b)
    expect(b.uploader.items().map(({ name, mirrored }) => [name, mirrored])).toContainEqual(['one', true])
    await a.kill()
    await passAll(b)
    expect(b.uploader.items().map(({ name }) => name)).toEqual(['two'])
  })

  test('whose uploader was disposed hands over what it had just done', async () => {
    const { a, b } = await twoTabs()
    const ids = await a.add([file('one'), file('two')])
    a.uploader.pause(ids[1])
    await a.uploader.dispose()
    await passAll(a, b)
    expect(b.item(ids[0] ?? '')).toMatchObject({ name: 'one' })
    expect(b.item(ids[1] ?? '')).toMatchObject({ name: 'two', paused: true })
  })
})

describe('a page that is put aside and comes back', () => {
  test('what is asked of a page that is just out of the cache reaches the tab that has taken the upload over', async () => {
    const { a, b } = await twoTabs()
    const [id = ''] = await a.add([file('one')])
    a.uploader.pause(id)
    await passAll(a, b)
    await a.hide()
    await b.pass()
    const isBack = a.show()
    // In the very moment in which it is shown again.
    a.uploader.resume(id)
    await isBack
    await passAll(a, b)
    expect(a.item(id)).toMatchObject({ mirrored: true, phase: 'uploading' })
    expect(b.waiting()).toHaveLength(1)
  })

  test('does not ask once more for what it had asked of a tab that did it, and has been told otherwise since', async () => {
    const { a, b } = await twoTabs()
    const [id = ''] = await b.add([file('one')])
    await passAll(a, b)
    a.uploader.pause(id)
    await passAll(b)
    expect(b.item(id).paused).toBe(true)
    await a.hide()
    b.uploader.resume(id)
    await a.show()
    await passAll(a, b)
    expect(b.item(id)).toMatchObject({ phase: 'uploading', paused: false })
  })

  test('and is disposed in that moment leaves no timer', async () => {
    const site = createSite()
    const a = await site.open()
    const b = await site.open()
    await passAll(a, b)
    await a.hide()
    const isBack = a.show()
    await a.uploader.dispose()
    await isBack
    await b.uploader.dispose()
    await settle()
    expect(a.world.clock.pending).toBe(0)
  })

  test('goes on where it was, when nobody else took over', async () => {
    const site = createSite()
    const a = await site.open()
    const [id = ''] = await a.add([file('one')])
    await a.pass()
    expect(a.waiting()).toHaveLength(1)
    await a.hide()
    expect(a.waiting()).toHaveLength(0)
    await a.show()
    await a.pass()
    expect(a.item(id)).toMatchObject({ phase: 'uploading', attempt: 1 })
    expect(a.waiting()).toHaveLength(1)
    expect(a.events).toEqual(['added one', 'started one'])
  })

  test('leaves the database alone while it is away, or the browser would throw it away', async () => {
    const storage = createMemoryStorage()
    let writes = 0
    const site = createSite({
      ...storage,
      write(owner, changes) {
        writes += 1
        return storage.write(owner, changes)
      },
    })
    const a = await site.open()
    await a.add([file('one')])
    await a.pass()
    await a.hide()
    const before = writes
    // After `pagehide`, and for the changes that it has made.
    a.tab.page.dispatchEvent(new Event('visibilitychange'))
    await a.pass()
    expect(writes).toBe(before)
  })

  test('goes on although it was put aside before it had looked around', async () => {
    const site = createSite()
    const slow = {
      ...site.storage,
      claim: (...claim: Parameters<typeof site.storage.claim>) => settle().then(() => site.storage.claim(...claim)),
    }
    const a = await site.open({ persistence: { storage: slow }, onOpen: (uploader) => uploader.add([file('one')]) })
    await a.hide()
    a.tab.page.dispatchEvent(new Event('pageshow'))
    await a.hide()
    await a.show()
    await a.pass()
    expect(a.warnings).toEqual([])
    expect(a.waiting()).toHaveLength(1)
    expect(await uploadsIn(site)).toHaveLength(1)
  })

  test('finds what another tab took over, and only shows it: nothing runs twice', async () => {
    const { site, a, b, id } = await takenOver()
    expect(b.waiting()).toHaveLength(1)
    await a.show()
    await passAll(a, b)
    expect(a.item(id)).toMatchObject({ mirrored: true, phase: 'uploading' })
    expect(a.waiting()).toEqual([])
    b.waiting()[0]?.respond(200)
    await passAll(b, a)
    site.server.say(b.item(id).operationId ?? '', { status: 'completed' })
    await passAll(b, a)
    expect(a.item(id).phase).toBe('completed')
    expect(a.events.filter((event) => event.startsWith('completed'))).toEqual([])
    expect(b.events.filter((event) => event.startsWith('completed'))).toEqual(['completed one'])
  })

  test('shows no longer what the other tab has removed meanwhile', async () => {
    const { a, b } = await twoTabs()
    const [one = ''] = await a.add([file('one'), file('two')])
    await passAll(a, b)
    await b.hide()
    a.uploader.remove(one)
    await passAll(a)
    await b.show()
    await passAll(b, a)
    expect(b.uploader.items().map(({ name, mirrored }) => [name, mirrored])).toEqual([['two', true]])
  })

  test('does not tell what was completed meanwhile in the other tab', async () => {
    const { site, a, b, id } = await sharedUpload()
    a.waiting()[0]?.respond(200)
    await passAll(a, b)
    await a.hide()
    await passAll(b)
    site.server.say(b.item(id).operationId ?? '', { status: 'completed' })
    await passAll(b)
    a.world.wake('pageshow')
    await a.show()
    await passAll(a, b)
    expect(a.item(id)).toMatchObject({ phase: 'completed', mirrored: true })
    expect([...a.events, ...b.events].filter((event) => event.startsWith('completed'))).toEqual(['completed one'])
  })

  test('does not show what was removed in the moment in which it came back', async () => {
    const { a, b, id } = await takenOver()
    // Removed from the list, and not yet from the database.
    b.uploader.remove(id)
    await a.show()
    await passAll(a, b)
    expect(a.uploader.items()).toEqual([])
  })

  test('still shows what was cancelled in it, although the tab that told the server of it is gone', async () => {
    const { site, a, b, id } = await sharedUpload()
    a.uploader.cancel(id)
    await a.hide()
    await passAll(b)
    expect(await uploadsIn(site)).toEqual([])
    await b.kill()
    await a.show()
    await passAll(a)
    expect(a.item(id)).toMatchObject({ phase: 'cancelled' })
    expect(a.item(id)).not.toHaveProperty('mirrored')
    expect(a.events).toEqual(['added one', 'started one', 'cancelled one'])
    expect(await uploadsIn(site)).toEqual([])
  })

  test('still shows what was cancelled in it, when the tab that told the server of it goes later', async () => {
    const { a, b, id } = await sharedUpload()
    a.uploader.cancel(id)
    await a.hide()
    await passAll(b)
    await a.show()
    await passAll(a, b)
    expect(a.item(id)).toMatchObject({ phase: 'cancelled', mirrored: true })
    await b.kill()
    await passAll(a)
    expect(a.item(id)).toMatchObject({ phase: 'cancelled' })
    expect(a.item(id)).not.toHaveProperty('mirrored')
    expect(a.events.filter((event) => event.startsWith('cancelled'))).toEqual(['cancelled one'])
  })

  test('shows no longer what another tab has taken over, ended and removed, in the moment in which a third one opens', async () => {
    const { site, a, b, id } = await sharedUpload()
    a.uploader.cancel(id)
    await a.hide()
    await passAll(b)
    await a.show()
    await passAll(a, b)
    expect(a.phases()).toEqual(['cancelled'])
    // What b has is asked by c before b has told of this.
    b.uploader.remove(id)
    const c = await site.open()
    await passAll(a, b, c)
    expect([a, b, c].map((page) => page.phases())).toEqual([[], [], []])
  })

  test('does not write over what is another’s by now', async () => {
    const { site, a, b, id } = await takenOver()
    a.uploader.pause(id)
    await a.show()
    await passAll(a, b)
    expect((await uploadsIn(site)).map(({ item, epoch }) => [item.paused, epoch])).toEqual([[false, 1]])
    expect(b.item(id)).toMatchObject({ paused: false, phase: 'uploading' })
  })
})

describe('a tab that was taken for dead', () => {
  test('learns it from its next write, and only shows what is another’s by now', async () => {
    const site = createSite()
    const a = await site.open()
    const [id = ''] = await a.add([file('one')])
    await a.pass()
    const [upload] = await uploadsIn(site)
    void site.tab().locks.request('upload-panel:test:another tab', { signal: new AbortController().signal }, () => new Promise(() => {}))
    await site.storage.claim('another tab', upload?.owner, 0)
    a.uploader.setPriority(id, 3)
    await a.pass()
    expect(a.item(id)).toMatchObject({ mirrored: true, priority: 0 })
    expect(a.waiting()).toEqual([])
  })
})

describe('without Web Locks', () => {
  type SessionStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  const alone = (session: SessionStorage) => ({ persistence: { locks: undefined, session } })
  function sessionOf(): SessionStorage {
    const values = new Map<string, string>()
    return {
      getItem: (key) => values.get(key) ?? null,
      setItem: (key, value) => void values.set(key, value),
      removeItem: (key) => void values.delete(key),
    }
  }

  test('a tab goes on with what its own last page left in good order', async () => {
    const site = createSite()
    const session = sessionOf()
    const a = await site.open(alone(session))
    const [id = ''] = await a.add([file('one')])
    await a.pass()
    await a.hide()
    const b = await site.open(alone(session))
    expect(b.item(id)).toMatchObject({ phase: 'uploading' })
  })

  test('a copy of the tab takes nothing of it', async () => {
    const site = createSite()
    const session = sessionOf()
    const a = await site.open(alone(session))
    await a.add([file('one')])
    await a.pass()
    await a.hide()
    const b = await site.open(alone(session))
    expect(b.phases()).toHaveLength(1)
    const copy = await site.open(alone(session))
    expect(copy.phases()).toEqual([])
  })

  test('nobody touches what may be another tab’s, nor what a crash left', async () => {
    const site = createSite()
    const session = sessionOf()
    const a = await site.open(alone(session))
    await a.add([file('one')])
    await a.pass()
    expect((await site.open(alone(sessionOf()))).phases()).toEqual([])
    await a.kill()
    expect((await site.open(alone(session))).phases()).toEqual([])
    expect(await uploadsIn(site)).toHaveLength(1)
  })

  test('a page that comes out of the cache goes on with its own', async () => {
    const site = createSite()
    const a = await site.open(alone(sessionOf()))
    await a.add([file('one')])
    await a.pass()
    await a.hide()
    await a.show()
    await a.pass()
    expect(a.waiting()).toHaveLength(1)
  })
})
