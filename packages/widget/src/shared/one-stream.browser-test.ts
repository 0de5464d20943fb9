import { expect } from 'chai'
import '../sync-status.js'
import '../upload-panel.js'
import '../upload-progress.js'
import { mountElement, unmountElements } from '../testing/mount-element.js'

const ENDPOINT = '/real-uploads'

/** What the server sees of this page: each event stream that it has open, by what it follows. */
async function streams(): Promise<readonly (readonly string[])[]> {
  const answer = await fetch(`${ENDPOINT}-streams`, { cache: 'no-store' })
  const queries = (await answer.json()) as readonly string[]
  return queries.map((query) => [...new URLSearchParams(query)].map(([name, value]) => `${name} ${value}`).sort())
}

/** Resolves once the server sees these and no others. */
async function untilStreams(wanted: readonly (readonly string[])[]): Promise<void> {
  const expected = JSON.stringify(wanted.map((topics) => [...topics].sort()))
  for (;;) {
    const seen = await streams()
    if (JSON.stringify(seen) === expected) return
    // While one stream takes the other's place there are two, and never more.
    expect(seen.length, JSON.stringify(seen)).to.be.at.most(2)
  }
}

describe('elements of one endpoint', () => {
  afterEach(unmountElements)

  const confirmed = (panel: HTMLElement) => new Promise((resolve) => panel.addEventListener('upload-completed', resolve, { once: true }))

  it('hear the server by one stream, which follows what is theirs and ends with the last of them', async () => {
    const panel = mountElement('upload-panel', { endpoint: ENDPOINT, placement: 'inline' })
    const status = mountElement('sync-status', { endpoint: `${ENDPOINT}/`, variant: 'compact' })
    await Promise.all([panel.updateComplete, status.updateComplete])
    await untilStreams([['all 1']])

    const first = confirmed(panel)
    panel.addFiles([new File(['content'], 'one stream.txt')])
    await first
    const job = `job_id ${panel.uploader?.jobId}`
    const id = panel.uploader?.items()[0]?.operationId ?? ''
    await untilStreams([['all 1', job]])

    const progress = mountElement('upload-progress', { endpoint: new URL(ENDPOINT, location.href).href, 'upload-id': id })
    const told = new Promise((resolve) => progress.addEventListener('progress-completed', resolve, { once: true }))
    await untilStreams([['all 1', job, `operation_id ${id}`]])
    await told

    // Each is counted by what it has itself followed: the panel's job is not the status's.
    const second = confirmed(panel)
    panel.addFiles([new File(['content'], 'another one.txt')])
    await second
    expect(panel.uploader?.$connection.get()).to.include({ status: 'connected', polling: false })
    const subscriptions = status.monitor?.$subscriptions.get() ?? []
    expect(subscriptions.map(({ topic, isSubscribed }) => [topic.kind, isSubscribed])).to.deep.equal([
      ['all', true],
      ['operation', true],
    ])
    expect(subscriptions[0]?.messages).to.be.greaterThan(0)
    expect(subscriptions[1]?.messages).to.equal(0)

    panel.remove()
    await untilStreams([['all 1', `operation_id ${id}`]])
    expect(status.monitor?.$connection.get().status).to.equal('connected')
    status.remove()
    await untilStreams([[`operation_id ${id}`]])
    progress.remove()
    await untilStreams([])
  })

  it('begin with any of them, and come back', async () => {
    const progress = mountElement('upload-progress', { endpoint: ENDPOINT, 'upload-id': '0123456789abcdef0123456789abcdef' })
    const panel = mountElement('upload-panel', { endpoint: ENDPOINT, placement: 'inline' })
    await Promise.all([panel.updateComplete, progress.updateComplete])
    const ended = confirmed(panel)
    panel.addFiles([new File(['content'], 'beside one that is refused.txt')])
    await ended
    // There is no such operation: that is no reason to refuse the panel's job.
    expect(panel.uploader?.$connection.get()).to.include({ status: 'connected', polling: false })
    expect(progress.monitor?.$subscriptions.get()[0]?.error?.remoteCode).to.equal('unknown_operation')
    unmountElements()
    await untilStreams([])
    const status = mountElement('sync-status', { endpoint: ENDPOINT })
    await status.updateComplete
    await untilStreams([['all 1']])
  })
})
