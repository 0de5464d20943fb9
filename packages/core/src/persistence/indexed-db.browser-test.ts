import { createUploader } from '../create-uploader.js'
import type { UploadItem } from '../item/item.js'
import type { UploaderOptions } from '../options.js'
import { createMemoryServer, createMemoryTransport } from '../testing/index.js'
import type { Uploader } from '../uploader.js'
import { createIdbStorage } from './idb-storage.js'
import { indexedDb } from './indexed-db.js'

const MIB = 2 ** 20
let names = 0

function assertEqual(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected))
    throw new Error(`Expected ${JSON.stringify(expected)}, not ${JSON.stringify(actual)}.`)
}

/** Uploaders of one queue in one page stand for tabs: each has a session, a lock and a channel of its own. */
function createTabs() {
  const name = `browser-test-${Date.now()}-${(names += 1)}`
  const server = createMemoryServer()
  const storage = createIdbStorage(`upload-panel:${name}`)
  const open: Uploader[] = []
  const stored = async (id: string) => (await storage.claim('the test', undefined, 0)).uploads.find((upload) => upload.id === id)
  return {
    server,
    async areBytesKept(id: string) {
      const upload = await stored(id)
      return upload !== undefined && (await storage.claim(upload.owner, undefined, 0)).files.has(id)
    },
    /** As a person does who clears the data of the site. */
    deleteDatabase: () =>
      new Promise((resolve) => {
        storage.close()
        const request = indexedDB.deleteDatabase(`upload-panel:${name}`)
        request.onsuccess = request.onerror = resolve
      }),
    isSampleKept: async (id: string) => (await stored(id))?.fingerprint?.sample !== undefined,
    open(options: Partial<UploaderOptions> = {}, persistence: Partial<Parameters<typeof indexedDb>[0]> = {}) {
      const transport = createMemoryTransport()
      server.onWord(transport.deliver)
      transport.connect()
      const completed: string[] = []
      const uploader = createUploader({
        backend: server.backend,
        realtime: transport.factory,
        persistence: indexedDb({ name, ...persistence }),
        worker: false,
        // No byte ever leaves the page.
        environment: { http: { send: () => new Promise(() => {}) } },
        ...options,
      })
      uploader.on('completed', (item) => completed.push(item.name))
      open.push(uploader)
      return { uploader, completed }
    },
    async close() {
      storage.close()
      await Promise.all(open.map((uploader) => uploader.dispose()))
    },
  }
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo()); tries += 1) {
    if (tries > 200) throw new Error(`It did not come about that ${what}.`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

describe('indexedDb', () => {
  let tabs: ReturnType<typeof createTabs>
  beforeEach(() => (tabs = createTabs()))
  afterEach(() => tabs.close())

  it('brings back the queue with its bytes, to the uploader that comes after', async () => {
    const first = tabs.open({ autoStart: false })
    const content = new Uint8Array(MIB).map((_, index) => index % 251)
    const [id = ''] = first.uploader.add([new File([content], 'kept.bin', { type: 'application/x-kept' })], { metadata: { album: 7 } })
    first.uploader.pause(id)
    await until('its bytes are kept', () => tabs.areBytesKept(id))
    await first.uploader.dispose()

    const second = tabs.open({ autoStart: false })
    await until('it came back', () => second.uploader.items().length === 1)
    const [item] = second.uploader.items()
    assertEqual([item?.id, item?.name, item?.paused, item?.phase, item?.metadata], [id, 'kept.bin', true, 'queued', { album: 7 }])
    const file = second.uploader.file(id)
    assertEqual([file?.name, file?.type], ['kept.bin', 'application/x-kept'])
    const bytes = new Uint8Array((await file?.arrayBuffer()) ?? new ArrayBuffer(0))
    if (bytes.length !== content.length || bytes.some((byte, index) => byte !== content[index])) throw new Error('The bytes are others.')
  })

  it('shows an upload in the other tab, passes on what is asked of it there, and hands over when its tab closes', async () => {
    const a = tabs.open()
    const b = tabs.open()
    const itemOf = ({ uploader }: { uploader: Uploader }): UploadItem | undefined => uploader.items()[0]
    const [id = ''] = a.uploader.add([new File(['content'], 'shared.txt')])
    await until('the other shows it', () => itemOf(b)?.mirrored === true)
    await until('it uploads', () => itemOf(b)?.phase === 'uploading')
    b.uploader.pause(id)
    await until('it is paused', () => itemOf(a)?.paused === true && itemOf(b)?.paused === true)
    b.uploader.resume(id)
    await until('it goes on', () => itemOf(a)?.phase === 'uploading')
    assertEqual(tabs.server.words().length, 1)

    await until('its bytes are kept', () => tabs.areBytesKept(id))
    await a.uploader.dispose()
    await until('the other goes on with it', () => itemOf(b)?.phase === 'uploading' && itemOf(b)?.mirrored === undefined)
    assertEqual([itemOf(b)?.id, tabs.server.words().length], [id, 1])
    tabs.server.say(itemOf(b)?.operationId ?? '', { status: 'completed' })
    await until('it is completed', () => b.completed.length === 1)
    assertEqual([a.completed, b.completed], [[], ['shared.txt']])
  })

  it('knows a large file again by its content', async () => {
    const first = tabs.open({ autoStart: false }, { maxFileBytes: 0 })
    const content = new Uint8Array(MIB).map((_, index) => index % 251)
    const [id = ''] = first.uploader.add([new File([content], 'large.bin', { lastModified: 1 })])
    await until('it is known by its content', () => tabs.isSampleKept(id))
    await first.uploader.dispose()

    const second = tabs.open({ autoStart: false }, { maxFileBytes: 0 })
    await until('it asks for its file', () => second.uploader.items()[0]?.phase === 'waiting')
    const changed = content.slice()
    changed[MIB / 2] = 252
    second.uploader.replaceFile(id, new File([content], 'large.bin', { lastModified: 2 }))
    await until('it goes on', () => second.uploader.items()[0]?.phase === 'queued')
    assertEqual(second.uploader.items()[0]?.attempt, 1)
    await second.uploader.dispose()

    const third = tabs.open({ autoStart: false }, { maxFileBytes: 0 })
    await until('it asks again', () => third.uploader.items()[0]?.phase === 'waiting')
    third.uploader.replaceFile(id, new File([changed], 'large.bin', { lastModified: 2 }))
    await until('it goes on anew', () => third.uploader.items()[0]?.phase === 'queued')
    assertEqual(third.uploader.items()[0]?.attempt, 2)
  })

  it('does without a database that is not to be had, and says so once', async () => {
    const original = indexedDB.open
    const warnings: string[] = []
    IDBFactory.prototype.open = () => {
      throw new DOMException('Blocked.', 'SecurityError')
    }
    try {
      const { uploader } = tabs.open()
      uploader.on('warning', (error) => warnings.push(error.code))
      uploader.add([new File(['content'], 'a.txt')])
      await until('it uploads', () => uploader.items()[0]?.phase === 'uploading')
      await until('it says so', () => warnings.length > 0)
      uploader.add([new File(['content'], 'b.txt')])
      await until('the next one uploads', () => uploader.items()[1]?.phase === 'uploading')
      assertEqual(warnings, ['not_persisted'])
    } finally {
      IDBFactory.prototype.open = original
    }
  })

  it('goes on where its database is deleted under it, and says so once', async () => {
    const { uploader } = tabs.open()
    const warnings: string[] = []
    uploader.on('warning', (error) => warnings.push(error.code))
    const [id = ''] = uploader.add([new File(['content'], 'a.txt')])
    await until('its bytes are kept', () => tabs.areBytesKept(id))
    await tabs.deleteDatabase()
    uploader.pause(id)
    await until('it says so', () => warnings.length > 0)
    uploader.resume(id)
    uploader.add([new File(['content'], 'b.txt')])
    await until('both upload', () => uploader.items().filter(({ phase }) => phase === 'uploading').length === 2)
    assertEqual(warnings, ['not_persisted'])

    const next = tabs.open().uploader
    await until('another tab shows both', () => next.items().filter(({ mirrored }) => mirrored === true).length === 2)
    next.add([new File(['content'], 'c.txt')])
    const [, , third] = next.items()
    await until('what is added there is kept', () => tabs.areBytesKept(third?.id ?? ''))
  })
})
