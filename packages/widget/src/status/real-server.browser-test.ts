import { createUploader, httpBackend, type Uploader } from '@upload-panel/core'
import { sse } from '@upload-panel/core/sse'
import { expect } from 'chai'
import '../sync-status.js'
import '../upload-progress.js'
import { mountElement, unmountElements } from '../testing/mount-element.js'
import { painted } from '../testing/status-harness.js'

/** Several pages of a test run use the one server; what is about one upload is told by its id. */
const ENDPOINT = '/real-uploads'

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await painted()
}

describe('against the real server', () => {
  let uploader: Uploader
  beforeEach(() => {
    uploader = createUploader({ backend: httpBackend({ url: ENDPOINT }), realtime: sse({ url: `${ENDPOINT}/events` }) })
  })
  afterEach(async () => {
    unmountElements()
    await uploader.dispose()
  })

  /** An upload that the server has confirmed, or failed. Returns the operation's id. */
  async function uploaded(name: string): Promise<string> {
    const ended = new Promise<string>((resolve) => {
      const tell = (item: { readonly server?: { readonly operationId: string } }) => resolve(item.server?.operationId ?? '')
      uploader.on('completed', tell)
      uploader.on('failed', tell)
    })
    uploader.add([new File(['content'], name)])
    return ended
  }

  it('a status is live, and lists what was uploaded by somebody else', async () => {
    const status = mountElement('sync-status', { endpoint: ENDPOINT })
    await status.updateComplete
    const text = () => status.shadowRoot?.textContent ?? ''
    await until(() => text().includes('Live'))
    // Its own name: other browsers' files are in the list as well.
    const name = `${crypto.randomUUID()}.txt`
    await uploaded(name)
    await until(() => text().includes(name))
    expect(status.monitor?.$connection.get().transport).to.equal('sse')
  })

  it('the progress of one operation is told by its id, over the connection of the status', async () => {
    const id = await uploaded('one operation.txt')
    const progress = mountElement('upload-progress', { endpoint: ENDPOINT, 'upload-id': id })
    const status = mountElement('sync-status', { endpoint: ENDPOINT, variant: 'compact' })
    const told = new Promise<CustomEvent>((resolve) => progress.addEventListener('progress-completed', resolve, { once: true }))
    await status.updateComplete
    expect(progress.monitor !== undefined && progress.monitor === status.monitor).to.equal(true)
    expect((await told).detail.operation.operation_id).to.equal(id)
  })

  it('one that is not there is said not to be', async () => {
    const progress = mountElement('upload-progress', { endpoint: ENDPOINT, 'upload-id': '0123456789abcdef0123456789abcdef' })
    await until(() => progress.shadowRoot?.textContent?.includes('There is no such operation') === true)
  })
})
