import { expect } from 'chai'
import type { UploadPanel } from '../upload-panel.js'
import '../upload-panel.js'

/** Above the limit from which files go in parts, and no whole number of them. */
const LARGE_BYTES = 12 * 2 ** 20 + 7

/** Bytes that differ from part to part, so that parts in the wrong order show. */
function contentOf(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  for (let index = 0; index < length; index += 1) bytes[index] = (index * 31 + (index >> 12)) & 0xff
  return bytes
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const eventOf = (panel: UploadPanel, type: 'batch-completed' | 'upload-completed' | 'upload-failed') =>
  new Promise<void>((resolve) => panel.addEventListener(type, () => resolve(), { once: true }))

describe('against the real server', () => {
  let panel: UploadPanel
  beforeEach(async () => {
    panel = document.createElement('upload-panel')
    panel.setAttribute('endpoint', '/real-uploads')
    document.body.append(panel)
    await panel.updateComplete
  })
  afterEach(() => panel.remove())

  it('files of every size go whole to storage, and are confirmed by realtime', async () => {
    const contents = new Map([
      ['empty.txt', contentOf(0)],
      ['small.bin', contentOf(1000)],
      ['large.bin', contentOf(LARGE_BYTES)],
    ])
    const ended = eventOf(panel, 'batch-completed')
    panel.addFiles(Array.from(contents, ([name, content]) => new File([content], name)))
    await ended
    const items = panel.uploader?.items() ?? []
    expect(items.map(({ phase }) => phase)).to.deep.equal(['completed', 'completed', 'completed'])
    for (const item of items) {
      const content = contents.get(item.name) ?? contentOf(0)
      expect(item.phase === 'completed' && item.result, item.name).to.deep.equal({ sha256: await sha256(content), size: content.length })
    }
    expect(panel.uploader?.$connection.get()).to.include({ status: 'connected', transport: 'sse' })
  })

  it('what the server could not work on is rolled back with its reason, and completes when it is tried again', async () => {
    const failed = eventOf(panel, 'upload-failed')
    panel.addFiles([new File(['content'], 'fails once.txt')])
    await failed
    const [item] = panel.uploader?.items() ?? []
    expect(item?.phase === 'failed' && item.error.message).to.equal('The converter is being restarted.')
    const completed = eventOf(panel, 'upload-completed')
    panel.retry()
    await completed
  })
})
