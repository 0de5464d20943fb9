import { describe, expect, test } from 'vitest'
import { createTestFile, settle } from '../testing/index.js'
import { createSite, withoutFiles, type Site, type SitePage } from '../testing/site.js'

const file = (name: string, content = name, lastModified = 1) => new File([content], name, { type: 'text/plain', lastModified })

/** Storage takes a part, and says so. */
async function answerPart(site: Site, page: SitePage, id: string, part: number): Promise<void> {
  const { operationId = '' } = page.item(id)
  const request = page.waiting().find(({ url }) => new URL(url).pathname === `/${operationId}/${part}`)
  if (request === undefined) throw new Error(`Part ${part} is not on its way.`)
  site.server.storePart(operationId, { part_number: part, size: 4, etag: `"${part}"` })
  request.respond(200, { etag: `"${part}"` })
  await page.pass()
}

const partsOnTheirWay = (page: SitePage) => page.waiting().map(({ url }) => Number(new URL(url).pathname.split('/')[2]))

describe('a page that is loaded again', () => {
  test('shows its queue again: the same items, in the same order, with all that was set', async () => {
    const site = createSite()
    const first = await site.open({ uploader: { autoStart: false } })
    const [a = '', b = '', c = ''] = await first.add([file('a'), file('b'), { file: file('c'), relativePath: 'folder/c' }], {
      metadata: { album: 7 },
    })
    first.uploader.move(c, 0)
    first.uploader.setPriority(b, 5)
    first.uploader.pause(a)
    await first.pass()
    await first.hide()

    const second = await site.open({ uploader: { autoStart: false } })
    expect(second.uploader.items().map(({ id }) => id)).toEqual([c, a, b])
    expect(second.item(a)).toMatchObject({ name: 'a', size: 1, type: 'text/plain', paused: true, metadata: { album: 7 } })
    expect(second.item(b)).toMatchObject({ priority: 5 })
    expect(second.item(c)).toMatchObject({ relativePath: 'folder/c', phase: 'queued' })
    expect(second.uploader.file(c)?.name).toBe('c')
  })

  test('goes on with an upload in parts where it was: the same operation of the same job, and no part is sent twice', async () => {
    const site = createSite()
    const first = await site.open()
    const [id = ''] = await first.add([file('large', 'x'.repeat(12))])
    await first.pass()
    const before = first.item(id)
    await answerPart(site, first, id, 2)
    await first.kill()

    const second = await site.open()
    expect(second.item(id)).toMatchObject({ phase: 'uploading', attempt: 1, operationId: before.operationId })
    expect(second.uploader.jobId).not.toBe(first.uploader.jobId)
    expect(partsOnTheirWay(second)).toEqual([1, 3])
    expect(site.server.words()).toHaveLength(1)
    await answerPart(site, second, id, 1)
    await answerPart(site, second, id, 3)
    expect(second.item(id)).toMatchObject({ phase: 'processing' })
    site.server.say(before.operationId ?? '', { status: 'completed' })
    await second.pass()
    expect(second.events).toEqual(['added large', 'transferred large', 'processing large', 'completed large'])
  })

  test('shows no progress of which the server has not said that it is there', async () => {
    const site = createSite()
    const first = await site.open()
    const [id = ''] = await first.add([file('large', 'x'.repeat(12))])
    await first.pass()
    await answerPart(site, first, id, 1)
    first.waiting()[0]?.progress(3)
    await first.pass()
    await first.kill()
    const shown: unknown[] = []
    let answer = () => {}
    const second = await site.open({
      uploader: {
        backend: (context) => ({
          ...site.server.backend(context),
          listParts: (operationId, signal) =>
            new Promise((resolve) => (answer = () => resolve(site.server.api.listParts(operationId, signal)))),
        }),
      },
      onOpen: (uploader) => uploader.$items.subscribe(([item]) => shown.push(item && 'sentBytes' in item && item.sentBytes)),
    })
    expect(new Set(shown.slice(1))).toEqual(new Set([0]))
    answer()
    await second.pass()
    expect(second.item(id)).toMatchObject({ phase: 'uploading', sentBytes: 4 })
  })

  test('hears what was completed while nobody was there, once, and no page after it hears so again', async () => {
    const site = createSite()
    const first = await site.open()
    const [id = ''] = await first.add([file('small')])
    await first.pass()
    first.waiting()[0]?.respond(200)
    await first.pass()
    expect(first.phases()).toEqual(['processing'])
    await first.hide()
    site.server.say(first.item(id).operationId ?? '', { status: 'completed', result: { url: '/a' } })

    const second = await site.open()
    expect(second.item(id)).toMatchObject({ phase: 'completed', result: { url: '/a' } })
    expect(second.events).toEqual(['added small', 'completed small'])
    await second.hide()
    const third = await site.open()
    expect(third.uploader.items()).toEqual([])
    expect((await site.storage.claim('nobody', undefined, 0)).uploads).toEqual([])
  })

  test('reports what was sent whole, without the file, where the answer to its last call was lost', async () => {
    const site = createSite()
    const first = await site.open({
      persistence: { maxFileBytes: 0 },
      uploader: { backend: (context) => ({ ...site.server.backend(context), complete: () => new Promise(() => {}) }) },
    })
    const [id = ''] = await first.add([file('small')])
    await first.pass()
    first.waiting()[0]?.respond(200)
    await first.pass()
    // It reached the server all the same.
    site.server.say(first.item(id).operationId ?? '', { status: 'in_progress' })
    await first.kill()

    const second = await site.open()
    expect(second.item(id)).toMatchObject({ phase: 'processing', attempt: 1 })
    expect(second.world.requests).toEqual([])
  })

  test('forgets what was completed or removed, and keeps what failed until it is removed', async () => {
    const site = createSite()
    const first = await site.open()
    const [a = '', b = '', c = ''] = await first.add([file('a'), file('b'), file('c')])
    await first.pass()
    for (const request of first.waiting()) request.respond(200)
    await first.pass()
    site.server.say(first.item(a).operationId ?? '', { status: 'completed' })
    site.server.say(first.item(b).operationId ?? '', {
      status: 'failed',
      error: { code: 'virus', message: 'There is a virus in it.', retryable: false },
    })
    first.uploader.remove(c)
    await first.pass()
    await first.hide()

    const second = await site.open()
    expect(second.uploader.items()).toMatchObject([
      { id: b, phase: 'failed', by: 'server', error: { code: 'remote_error', remoteCode: 'virus', message: 'There is a virus in it.' } },
    ])
    expect(second.events).toEqual(['added b'])
    second.uploader.remove(b)
    await second.pass()
    await second.hide()
    expect((await site.open()).uploader.items()).toEqual([])
  })

  test('goes on telling the server what was cancelled until the server has heard it', async () => {
    const site = createSite()
    const first = await site.open({
      uploader: { backend: (context) => ({ ...site.server.backend(context), cancel: () => new Promise(() => {}) }) },
    })
    const [id = ''] = await first.add([file('a')])
    await first.pass()
    const { operationId = '' } = first.item(id)
    first.uploader.cancel(id)
    await first.pass()
    await first.kill()
    expect(site.server.word(operationId).status).toBe('pending')

    const second = await site.open()
    expect(site.server.word(operationId).status).toBe('cancelled')
    expect(second.phases()).toEqual(['cancelled'])
    await second.hide()
    expect((await site.open()).uploader.items()).toEqual([])
  })

  test('finds the whole queue held, or let go, as the person left it', async () => {
    const site = createSite()
    const first = await site.open()
    await first.add([file('a')])
    first.uploader.pause()
    await first.pass()
    await first.hide()
    const second = await site.open()
    expect(second.uploader.$summary.get()).toMatchObject({ held: true, queued: 1 })
    expect(second.waiting()).toEqual([])
    second.uploader.resume()
    await second.pass()
    await second.hide()
    const third = await site.open({ uploader: { autoStart: false } })
    expect(third.uploader.$summary.get()).toMatchObject({ held: false })
    expect(third.waiting()).toHaveLength(1)
  })

  test('is not held for what was held yesterday and is no longer there', async () => {
    const site = createSite()
    const first = await site.open()
    await first.add([file('a')])
    first.uploader.pause()
    first.uploader.clear('all')
    await first.pass()
    await first.hide()
    const second = await site.open()
    expect(second.uploader.$summary.get().held).toBe(false)
  })

  test('throws away what nobody has looked at for a day, and its bytes with it', async () => {
    const site = createSite()
    const first = await site.open({ uploader: { autoStart: false } })
    await first.add([file('a')])
    await first.pass()
    await first.kill()
    const second = await site.open({ atMs: 86_000_000 })
    expect(second.phases()).toHaveLength(1)
    await second.kill()
    const third = await site.open({ atMs: 2 * 86_400_000 })
    expect(third.phases()).toHaveLength(0)
    expect((await site.storage.claim('nobody', undefined, 0)).uploads).toEqual([])
  })

  test.each(['visibilitychange', 'pagehide'])(
    'keeps what a page had until now, however long nothing became of it: its %s says that somebody was there',
    async (event) => {
      const site = createSite()
      const first = await site.open({ uploader: { autoStart: false } })
      await first.add([file('a'), file('b')])
      await first.pass()
      first.world.clock.set(first.world.clock.now() + 100_000_000)
      first.tab.page.dispatchEvent(new Event(event))
      await first.pass()
      await first.kill()
      const second = await site.open({ atMs: 100_000_000 })
      expect(second.phases()).toHaveLength(2)
    },
  )
})

describe('a file whose bytes were not kept', () => {
  /** A file of twelve bytes that are made of a word. */
  const large = (content: string) => Object.defineProperty(createTestFile(content, 12), 'name', { value: 'large' })

  async function halfSent() {
    const site = createSite()
    const first = await site.open({ persistence: { maxFileBytes: 5 } })
    const [id = ''] = await first.add([large('content')])
    await first.pass()
    await answerPart(site, first, id, 1)
    await first.kill()
    const second = await site.open()
    return { site, id, second }
  }

  test('is asked for again, and goes on from where it was', async () => {
    const { site, id, second } = await halfSent()
    expect(second.item(id)).toMatchObject({ phase: 'waiting', reason: 'file', error: { code: 'file_unreadable' }, sentBytes: 0 })
    second.uploader.replaceFile(id, large('content'))
    await second.pass()
    expect(second.item(id)).toMatchObject({ phase: 'uploading', attempt: 1 })
    expect(partsOnTheirWay(second)).toEqual([2, 3])
    expect(site.server.words()).toHaveLength(1)
  })

  test('is the same one by its content, whatever its date: a copy will do', async () => {
    const { site, id, second } = await halfSent()
    const dated = (content: string) => Object.defineProperty(large(content), 'lastModified', { value: 2 })
    second.uploader.replaceFile(id, dated('content'))
    await second.pass()
    expect(partsOnTheirWay(second)).toEqual([2, 3])
    await second.kill()
    // Also for the page after the next one.
    const third = await site.open({ persistence: { maxFileBytes: 0, storage: withoutFiles(site.storage) } })
    third.uploader.replaceFile(id, dated('other content'))
    await third.pass()
    expect(third.item(id)).toMatchObject({ phase: 'uploading', attempt: 2 })
  })

  test('is another one by its content, although name, size and date are the same: nothing of the two is mixed', async () => {
    const { id, second } = await halfSent()
    second.uploader.replaceFile(id, large('other content'))
    await second.pass()
    expect(second.item(id)).toMatchObject({ phase: 'uploading', attempt: 2 })
    expect(partsOnTheirWay(second)).toEqual([1, 2, 3])
  })

  test('waits on when it is only tried again', async () => {
    const { id, second } = await halfSent()
    second.uploader.retry(id)
    await second.pass()
    expect(second.item(id)).toMatchObject({ phase: 'waiting', reason: 'file', attempt: 1 })
  })
})

describe('a file that was replaced', () => {
  test('never goes on with the bytes of the one before it, however soon the page ends', async () => {
    const site = createSite()
    const first = await site.open()
    const [id = ''] = await first.add([file('a')])
    await first.pass()
    site.server.say(first.item(id).operationId ?? '', { status: 'failed', error: { code: 'no', message: 'No.', retryable: true } })
    await first.pass()
    first.uploader.replaceFile(id, file('a', 'b', 2))
    // Written, but not for long enough that its bytes would be kept.
    for (let frame = 0; frame < 3; frame += 1) {
      await settle()
      first.world.paint()
    }
    await settle()
    await first.kill()
    const second = await site.open()
    expect(second.item(id)).toMatchObject({ phase: 'waiting', reason: 'file', attempt: 2 })
  })
})

describe('a file on the disk that the page may read again', () => {
  function onDisk(content: string, permission = 'granted') {
    const disk = { file: file('large', content), permission, asked: 0 }
    const handle = {
      getFile: async () => {
        if (disk.permission !== 'granted') throw new DOMException('No.', 'NotAllowedError')
        return disk.file
      },
      requestPermission: async () => {
        disk.asked += 1
        return (disk.permission = 'granted')
      },
    }
    return { disk, handle }
  }

  async function reloaded(permission = 'granted', change: (disk: { file: File; permission: string }) => void = () => {}) {
    const site = createSite()
    const { disk, handle } = onDisk('x'.repeat(12))
    const first = await site.open({ persistence: { maxFileBytes: 5 } })
    const [id = ''] = await first.add([{ file: disk.file, handle }])
    await first.pass()
    await first.kill()
    disk.permission = permission
    change(disk)
    return { second: await site.open(), id, disk }
  }

  test('is found again by its handle, whatever its size', async () => {
    const { second, id } = await reloaded()
    expect(second.item(id)).toMatchObject({ phase: 'uploading' })
  })

  test('is read again once the person allows it', async () => {
    const { second, id, disk } = await reloaded('prompt')
    expect(second.item(id)).toMatchObject({ phase: 'waiting', reason: 'file' })
    second.uploader.retry(id)
    await second.pass()
    expect(disk.asked).toBe(1)
    expect(second.item(id)).toMatchObject({ phase: 'uploading', attempt: 1 })
  })

  test.each([
    ['again', 'x'.repeat(12)],
    ['anew', 'other'],
  ])('is not asked for once a file was chosen %s', async (_how, content) => {
    const { second, id, disk } = await reloaded('prompt')
    second.uploader.replaceFile(id, file('large', content))
    await second.pass()
    second.uploader.cancel(id)
    second.uploader.retry(id)
    await second.pass()
    expect(disk.asked).toBe(0)
  })

  test.each([
    ['later', file('large', 'y'.repeat(12), 2)],
    ['without a later date', file('large', 'y'.repeat(13), 1)],
  ])('that has changed meanwhile (%s) is named, and asked for again', async (_how, changed) => {
    const { second, id } = await reloaded('granted', (disk) => (disk.file = changed))
    const item = second.item(id)
    expect(item).toMatchObject({ phase: 'waiting', reason: 'file' })
    expect('error' in item && item.error.message).toMatch(/changed/)
  })
})

describe('what the prepare hook made of a file', () => {
  test('is kept, and not made again', async () => {
    const site = createSite()
    const prepare = async ({ name }: File) => new File([`${name}!`], name, { lastModified: 9 })
    const first = await site.open({ uploader: { prepare } })
    const [id = ''] = await first.add([file('photo')])
    await first.pass()
    await first.pass()
    await first.kill()
    const second = await site.open({ uploader: { prepare } })
    expect(second.item(id)).toMatchObject({ size: 6, attempt: 1 })
    expect(await second.uploader.file(id)?.text()).toBe('photo!')
    expect(second.waiting()).toHaveLength(1)
  })
})
