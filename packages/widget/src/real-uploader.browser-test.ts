import { sse } from '@upload-panel/core/sse'
import { expect } from 'chai'
import { memoryServer } from './testing/memory-server.js'
import { beforePaint, mountPanelOver, unmountAll } from './testing/panel-harness.js'

const file = (name: string, size: number) => new File(['x'.repeat(size)], name)

afterEach(unmountAll)

describe('over a real uploader', () => {
  it('a file goes from the drop to the server’s confirmation', async () => {
    const server = memoryServer()
    const harness = await mountPanelOver(server.createUploader())
    const { row, settle } = harness
    harness.panel.addFiles([file('film.mp4', 1000)])
    await settle()
    const transfer = await server.transfer(0)
    transfer.progress(400)
    await settle()
    expect(row('film.mp4').badge).to.equal('Uploading')
    expect(row('film.mp4').percent).to.equal('40%')
    expect(harness.title).to.equal('1 uploading (40%)')

    transfer.finish()
    await server.completed(0)
    server.say(0, { progress: 30, stage: 'transcoding' })
    await settle()
    expect(row('film.mp4').badge).to.equal('Processing')
    expect(row('film.mp4').percent).to.equal('30%')
    expect(row('film.mp4').text).to.contain('Transcoding')

    server.say(0, { status: 'completed', progress: 100, result: {} })
    await settle()
    expect(row('film.mp4').badge).to.equal('Completed')
    expect(harness.title).to.equal('1 completed')
  })

  it('what the server refuses is rolled back with its reason, and can be retried without its bytes', async () => {
    const server = memoryServer()
    const { panel, row, settle } = await mountPanelOver(server.createUploader())
    panel.addFiles([file('film.mp4', 10)])
    const transfer = await server.transfer(0)
    transfer.finish()
    await server.completed(0)
    server.say(0, { status: 'failed', error: { code: 'virus_found', message: 'A virus was found in this file.', retryable: true } })
    await settle()
    expect(row('film.mp4').badge).to.equal('Failed')
    expect(row('film.mp4').problem).to.contain('A virus was found in this file.')
    row('film.mp4').button('Retry').click()
    await settle()
    server.say(0, { status: 'in_progress', progress: 10 })
    await settle()
    expect(row('film.mp4').badge).to.equal('Processing')
  })

  it('a completion that the server takes back is shown as failed', async () => {
    const server = memoryServer()
    const { panel, row, settle } = await mountPanelOver(server.createUploader())
    const revoked = new Promise((resolve) => panel.addEventListener('upload-revoked', resolve))
    panel.addFiles([file('film.mp4', 10)])
    ;(await server.transfer(0)).finish()
    await server.completed(0)
    server.say(0, { status: 'completed', progress: 100 })
    await settle()
    server.say(0, { status: 'failed', error: { code: 'moderated', message: 'A moderator removed this file.', retryable: false } })
    await revoked
    await settle()
    expect(row('film.mp4').badge).to.equal('Failed')
    expect(row('film.mp4').problem).to.equal('A moderator removed this file.')
  })

  it('one file is paused and resumed, and cancelled', async () => {
    const server = memoryServer()
    const { panel, row, settle } = await mountPanelOver(server.createUploader())
    panel.addFiles([file('film.mp4', 1000)])
    const transfer = await server.transfer(0)
    transfer.progress(500)
    await settle()
    row('film.mp4').button('Pause').click()
    await settle()
    expect(row('film.mp4').badge).to.equal('Paused')
    expect(transfer.isAborted).to.equal(true)
    row('film.mp4').button('Resume').click()
    await settle()
    row('film.mp4').button('Cancel').click()
    await settle()
    expect(row('film.mp4').badge).to.equal('Cancelled')
  })

  it('the whole queue waits for its start, is held, and resumed with what was paused by itself', async () => {
    const server = memoryServer()
    const harness = await mountPanelOver(server.createUploader({ autoStart: false }))
    const [first = ''] = harness.panel.addFiles([file('a.txt', 10), file('b.txt', 10)])
    await harness.settle()
    expect(harness.title).to.equal('Paused · 2 to go')
    harness.button('Start').click()
    const transfer = await server.transfer(0)
    transfer.progress(5)
    await harness.settle()
    expect(harness.title).to.contain('2 uploading')
    harness.panel.pause(first)
    harness.button('Pause all').click()
    await harness.settle()
    expect(harness.title).to.equal('Paused · 2 to go')
    harness.button('Resume all').click()
    await harness.settle()
    expect(harness.uploader.items().some((item) => item.paused)).to.equal(false)
    expect(harness.title).to.contain('2 uploading')
  })

  it('refused files are named', async () => {
    const server = memoryServer()
    const { panel, root, settle } = await mountPanelOver(server.createUploader({ restrictions: { types: ['image/*'] } }))
    panel.addFiles([file('a.exe', 1)])
    await settle()
    expect(root.querySelector('.notice')?.textContent).to.contain('1 file was not added').and.to.contain('a.exe')
  })

  it('10,000 files have their rows before the next paint', async () => {
    const server = memoryServer()
    const { panel, rows } = await mountPanelOver(server.createUploader({ autoStart: false }))
    const many = Array.from({ length: 10_000 }, (_, index) => file(`${index}.txt`, 1))
    await beforePaint()
    panel.addFiles(many)
    await beforePaint()
    expect(rows()[0]?.name).to.equal('0.txt')
    expect(rows()).to.have.length.within(6, 20)
  })

  it('progress reaches the page once a frame, however often it is reported', async () => {
    const server = memoryServer()
    const { panel, row, settle } = await mountPanelOver(server.createUploader())
    panel.addFiles([file('film.mp4', 100_000)])
    const transfer = await server.transfer(0)
    await settle()
    let renders = 0
    const bar = row('film.mp4').bar as Element
    new MutationObserver(() => (renders += 1)).observe(bar, { attributes: true, attributeFilter: ['aria-valuenow'] })
    await beforePaint()
    for (let sent = 1; sent <= 100; sent += 1) {
      transfer.progress(sent * 1000)
      await Promise.resolve()
    }
    expect(renders).to.equal(0)
    await settle()
    expect(renders).to.equal(1)
    expect(bar.getAttribute('aria-valuenow')).to.equal('100')
  })
})

describe('with an endpoint', () => {
  const pageFetch = window.fetch

  /** A panel with an uploader of its own: what it asks of the network ends up here. */
  async function mountEndpoint(attributes: Readonly<Record<string, string>> = {}) {
    const server = memoryServer()
    const signals: AbortSignal[] = []
    window.fetch = (input, init) => {
      if (init?.signal) signals.push(init.signal)
      return new Request(input).url.includes('/events') ? new Promise<Response>(() => {}) : server.fetch(input, init)
    }
    const panel = document.createElement('upload-panel')
    for (const [name, value] of Object.entries({ endpoint: '/uploads', ...attributes })) panel.setAttribute(name, value)
    document.body.append(panel)
    await panel.updateComplete
    return { server, panel, signals }
  }

  /** After every task that the panel could have put off. */
  const later = () => new Promise((resolve) => setTimeout(resolve))

  afterEach(() => {
    for (const panel of document.querySelectorAll('upload-panel')) panel.remove()
    window.fetch = pageFetch
  })

  it('the panel makes its own uploader and asks the server to plan its files', async () => {
    const { server, panel } = await mountEndpoint({ 'no-auto-start': '' })
    panel.addFiles([file('a.txt', 1)])
    panel.start()
    await server.planned(0)
    expect(server.requests).to.include('POST commands/upload-jobs')
  })

  it('files can be added before it has rendered', async () => {
    const panel = document.createElement('upload-panel')
    panel.endpoint = '/uploads'
    panel.noAutoStart = true
    document.body.append(panel)
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
    const { panel, signals } = await mountEndpoint({ 'job-id': 'job-of-an-earlier-page' })
    const { uploader } = panel
    await later()
    expect(signals.length).to.be.greaterThan(0)
    panel.remove()
    await later()
    expect(signals.every((signal) => signal.aborted)).to.equal(true)
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
    const given = memoryServer().createUploader()
    panel.uploader = given
    await panel.updateComplete
    expect(panel.uploader === given).to.equal(true)
    expect(own?.add([file('late.txt', 1)])).to.deep.equal([])
    panel.remove()
    await later()
    expect(given.add([file('still.txt', 1)])).to.have.length(1)
    await given.dispose()
  })

  it('shows how its connection stands only while there is one', async () => {
    const server = memoryServer()
    const uploader = server.createUploader({
      realtime: sse({ url: '/uploads/events' }),
      environment: { fetch: () => new Promise(() => {}) },
    })
    const { root, panel, settle } = await mountPanelOver(uploader)
    expect(root.querySelector('.connection') === null).to.equal(true)
    panel.addFiles([file('a.txt', 1)])
    await settle()
    expect(root.querySelector('.connection')?.textContent?.trim()).to.equal('Connecting…')
    await uploader.dispose()
  })
})
