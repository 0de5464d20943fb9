import type { Uploader, UploaderOptions } from '@upload-panel/core'
import { expect } from 'chai'
import { beforePaint, mountPanelOver, type PanelHarness, unmountAll } from '../testing/panel-harness.js'
import { type RealUploader, realUploader } from '../testing/real-uploader.js'

const file = (name: string, size: number) => new File(['x'.repeat(size)], name)

/** A panel over a real uploader with one file, whose bytes are on their way. */
async function uploading(options?: Partial<UploaderOptions>): Promise<RealUploader & PanelHarness<Uploader>> {
  const real = realUploader(options)
  const harness = await mountPanelOver(real.uploader)
  harness.panel.addFiles([file('film.mp4', 1000)])
  await harness.settle()
  return Object.assign(harness, real)
}

afterEach(unmountAll)

describe('over a real uploader', () => {
  it('a file goes from the drop to the server’s confirmation', async () => {
    const harness = await uploading()
    const { requests, row, say, settle } = harness
    requests[0]?.progress(400)
    await settle()
    expect(row('film.mp4').badge).to.equal('Uploading')
    expect(row('film.mp4').percent).to.equal('40%')
    expect(harness.title).to.equal('1 uploading (40%)')

    requests[0]?.respond(200)
    await settle()
    say('film.mp4', { progress: 30, stage: 'transcoding' })
    await settle()
    expect(row('film.mp4').badge).to.equal('Processing')
    expect(row('film.mp4').percent).to.equal('30%')
    expect(row('film.mp4').text).to.contain('Transcoding')

    say('film.mp4', { status: 'completed', progress: 100, result: {} })
    await settle()
    expect(row('film.mp4').badge).to.equal('Completed')
    expect(harness.title).to.equal('1 completed')
  })

  it('what the server refuses is rolled back with its reason, and retried without its bytes', async () => {
    const { requests, row, say, settle } = await uploading()
    requests[0]?.respond(200)
    await settle()
    say('film.mp4', { status: 'failed', error: { code: 'virus_found', message: 'A virus was found in this file.', retryable: true } })
    await settle()
    expect(row('film.mp4').badge).to.equal('Failed')
    expect(row('film.mp4').problem).to.contain('A virus was found in this file.')
    row('film.mp4').button('Retry').click()
    await settle()
    expect(row('film.mp4').badge).to.equal('Processing')
    expect(requests).to.have.length(1)
  })

  it('a completion that the server takes back is shown as failed', async () => {
    const { panel, requests, row, say, settle, root } = await uploading()
    const revoked: string[] = []
    panel.addEventListener('upload-revoked', ({ detail }) => revoked.push(detail.item.name))
    requests[0]?.respond(200)
    await settle()
    say('film.mp4', { status: 'completed', progress: 100 })
    await settle()
    say('film.mp4', { status: 'failed', error: { code: 'moderated', message: 'A moderator removed this file.', retryable: false } })
    await settle()
    expect(revoked).to.deep.equal(['film.mp4'])
    expect(row('film.mp4').badge).to.equal('Failed')
    expect(row('film.mp4').problem).to.equal('A moderator removed this file.')
    expect(root.querySelector('[role=alert]')?.textContent).to.contain('A moderator removed this file.')
  })

  it('one file is paused, resumed and cancelled', async () => {
    const { requests, row, settle } = await uploading()
    row('film.mp4').button('Pause').click()
    await settle()
    expect(row('film.mp4').badge).to.equal('Paused')
    expect(requests[0]?.signal.aborted).to.equal(true)
    row('film.mp4').button('Resume').click()
    await settle()
    expect(row('film.mp4').badge).to.equal('Uploading')
    row('film.mp4').button('Cancel').click()
    await settle()
    expect(row('film.mp4').badge).to.equal('Cancelled')
  })

  it('the whole queue waits for its start, is held, and goes on with what was paused by itself', async () => {
    const harness = await uploading({ autoStart: false })
    const [second = ''] = harness.panel.addFiles([file('b.txt', 10)])
    await harness.settle()
    expect(harness.title).to.equal('Ready · 2 files')
    harness.button('Start').click()
    await harness.settle()
    harness.requests[0]?.progress(5)
    await harness.settle()
    expect(harness.title).to.contain('2 uploading')
    harness.panel.pause(second)
    harness.button('Pause all').click()
    await harness.settle()
    expect(harness.title).to.equal('Paused · 2 to go')
    harness.button('Resume all').click()
    await harness.settle()
    expect(harness.item('b.txt').paused).to.equal(false)
    expect(harness.title).to.contain('2 uploading')
  })

  it('refused files are named', async () => {
    const { root } = await uploading({ restrictions: { types: ['image/*'] } })
    expect(root.querySelector('.notice')?.textContent).to.contain('1 file was not added').and.to.contain('film.mp4')
  })

  it('10,000 files have their rows before the next paint', async () => {
    const { panel, rows } = await mountPanelOver(realUploader({ autoStart: false }).uploader)
    const many = Array.from({ length: 10_000 }, (_, index) => file(`${index}.txt`, 1))
    await beforePaint()
    panel.addFiles(many)
    await beforePaint()
    expect(rows()[0]?.name).to.equal('0.txt')
    expect(rows()).to.have.length.within(6, 20)
  })

  it('progress reaches the page once a frame, however often it is reported', async () => {
    const { requests, row, settle } = await uploading()
    const bar = row('film.mp4').bar as Element
    let renders = 0
    new MutationObserver(() => (renders += 1)).observe(bar, { attributes: true, attributeFilter: ['aria-valuenow'] })
    await beforePaint()
    for (let percent = 1; percent <= 99; percent += 1) {
      requests[0]?.progress(percent * 10)
      await Promise.resolve()
    }
    expect(renders).to.equal(0)
    await settle()
    expect(renders).to.equal(1)
    expect(bar.getAttribute('aria-valuenow')).to.equal('99')
  })
})

describe('with an endpoint', () => {
  const pageFetch = window.fetch
  const panels = new Set<HTMLElement>()

  /** A panel with an uploader of its own. Its requests are noted and never answered. */
  async function mountEndpoint(attributes: Readonly<Record<string, string>> = {}) {
    const asked: { readonly path: string; readonly signal: AbortSignal | null | undefined }[] = []
    const panel = document.createElement('upload-panel')
    const firstRequest = new Promise<void>((resolve) => {
      window.fetch = (input, init) => {
        asked.push({ path: new URL(new Request(input).url).pathname, signal: init?.signal })
        resolve()
        return new Promise<Response>(() => {})
      }
    })
    for (const [name, value] of Object.entries({ endpoint: '/uploads', ...attributes })) panel.setAttribute(name, value)
    document.body.append(panel)
    panels.add(panel)
    await panel.updateComplete
    return { panel, asked, firstRequest }
  }

  /** After every task that the panel could have put off. */
  const later = () => new Promise((resolve) => setTimeout(resolve))

  afterEach(() => {
    for (const panel of panels) panel.remove()
    panels.clear()
    window.fetch = pageFetch
  })

  it('the panel makes its own uploader, which follows the server’s events and asks it to plan the files', async () => {
    const { panel, asked, firstRequest } = await mountEndpoint()
    panel.addFiles([file('a.txt', 1)])
    await firstRequest
    await later()
    expect(asked.map(({ path }) => path)).to.include.members(['/uploads/events', '/uploads/commands/upload-jobs'])
  })

  for (const realtime of ['polling', 'none']) {
    it(`no connection is kept open with realtime="${realtime}"`, async () => {
      const { panel, asked, firstRequest } = await mountEndpoint({ realtime })
      panel.addFiles([file('a.txt', 1)])
      await firstRequest
      await later()
      expect(asked.map(({ path }) => path)).not.to.include('/uploads/events')
    })
  }

  it('files wait for start with no-auto-start', async () => {
    const { panel, asked, firstRequest } = await mountEndpoint({ 'no-auto-start': '' })
    panel.addFiles([file('a.txt', 1)])
    await later()
    expect(asked).to.deep.equal([])
    panel.start()
    await firstRequest
  })

  it('files can be added before it has rendered', async () => {
    const panel = document.createElement('upload-panel')
    panel.endpoint = '/uploads'
    panel.noAutoStart = true
    document.body.append(panel)
    panels.add(panel)
    panel.addFiles([file('early.txt', 1)])
    await panel.updateComplete
    expect(panel.uploader?.items().map((item) => item.name)).to.deep.equal(['early.txt'])
  })

  it('its limits are the uploader’s', async () => {
    const { panel } = await mountEndpoint({ accept: '.txt', 'max-size': '5', 'max-files': '2', 'no-auto-start': '' })
    const reasons: string[] = []
    panel.addEventListener('upload-rejected', ({ detail }) => reasons.push(...detail.files.map(({ error }) => error.code)))
    panel.addFiles([file('a.exe', 1), file('b.txt', 9), file('c.txt', 1), file('d.txt', 1), file('e.txt', 1)])
    expect(reasons).to.deep.equal(['file_type', 'file_too_large', 'too_many_files'])
  })

  it('its limits follow the attributes, without another uploader', async () => {
    const { panel } = await mountEndpoint({ 'max-size': '5', 'no-auto-start': '' })
    const { uploader } = panel
    expect(panel.addFiles([file('a.txt', 9)])).to.deep.equal([])
    panel.setAttribute('max-size', '9')
    panel.accept = '.txt'
    expect(panel.addFiles([file('a.txt', 9), file('b.exe', 9)])).to.have.length(1)
    expect(panel.uploader === uploader).to.equal(true)
  })

  it('its job is the one that the page names', async () => {
    const { panel } = await mountEndpoint({ 'job-id': 'job-of-an-earlier-page' })
    expect(panel.uploader?.jobId).to.equal('job-of-an-earlier-page')
  })

  it('its uploader outlives a move within the document', async () => {
    const { panel } = await mountEndpoint({ 'no-auto-start': '' })
    const { uploader } = panel
    panel.addFiles([file('a.txt', 1)])
    const elsewhere = document.createElement('div')
    document.body.append(elsewhere)
    elsewhere.append(panel)
    await later()
    expect(panel.uploader === uploader).to.equal(true)
    panel.addFiles([file('b.txt', 1)])
    expect(uploader?.items()).to.have.length(2)
    elsewhere.remove()
  })

  it('its uploader ends when it has left the document', async () => {
    const { panel, asked, firstRequest } = await mountEndpoint({ 'job-id': 'job-of-an-earlier-page' })
    const { uploader } = panel
    await firstRequest
    panel.remove()
    await later()
    expect(asked.every(({ signal }) => signal?.aborted)).to.equal(true)
    expect(uploader?.add([file('late.txt', 1)])).to.deep.equal([])
    expect(panel.uploader).to.equal(undefined)
  })

  it('it begins anew when it comes back', async () => {
    const { panel } = await mountEndpoint()
    const { uploader } = panel
    panel.remove()
    await later()
    document.body.append(panel)
    expect(panel.uploader === uploader).to.equal(false)
    expect(panel.uploader).not.to.equal(undefined)
  })

  it('another endpoint means another uploader, another limit does not', async () => {
    const { panel } = await mountEndpoint()
    const { uploader } = panel
    panel.maxFiles = 3
    await panel.updateComplete
    expect(panel.uploader === uploader).to.equal(true)
    panel.endpoint = '/elsewhere'
    await panel.updateComplete
    expect(panel.uploader === uploader).to.equal(false)
  })

  it('a given uploader takes the place of its own, which ends', async () => {
    const { panel } = await mountEndpoint()
    const own = panel.uploader
    const { uploader: given } = realUploader({ autoStart: false })
    panel.uploader = given
    await panel.updateComplete
    expect(panel.uploader === given).to.equal(true)
    expect(own?.add([file('late.txt', 1)])).to.deep.equal([])
    panel.remove()
    await later()
    expect(given.add([file('still.txt', 1)])).to.have.length(1)
    await given.dispose()
  })

  it('how its connection stands is shown only while there is one', async () => {
    const { panel, firstRequest } = await mountEndpoint()
    const connection = () => panel.shadowRoot?.querySelector('.connection')?.textContent?.trim()
    expect(connection()).to.equal(undefined)
    panel.addFiles([file('a.txt', 1)])
    await firstRequest
    await beforePaint()
    expect(connection()).to.equal('Connecting…')
  })
})
