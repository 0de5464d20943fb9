import { createUploader, httpBackend, type Uploader } from '@upload-panel/core'
import { sse } from '@upload-panel/core/sse'
import { expect } from 'chai'
import { mountElement, unmountElements } from '../testing/mount-element.js'
import { beforePaint } from '../testing/panel-harness.js'
import { realUploader } from '../testing/real-uploader.js'
import type { UploadPanel } from '../upload-panel.js'
import '../upload-dropzone.js'
import '../upload-panel.js'

const ENDPOINT = '/real-uploads'

const header = (panel: UploadPanel) => panel.shadowRoot?.querySelector('[part=job]')?.textContent?.replace(/\s+/g, ' ').trim()
const files = (...names: readonly string[]) => names.map((name) => new File(['content'], name))

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await beforePaint()
}

const others = new Set<Uploader>()
/** The same job on another page: with a stream and an engine of its own. */
function otherPage(jobId: string): Uploader {
  const uploader = createUploader({ backend: httpBackend({ url: ENDPOINT }), realtime: sse({ url: `${ENDPOINT}/events` }), jobId })
  others.add(uploader)
  return uploader
}

async function mountPanel(attributes: Readonly<Record<string, string>> = {}): Promise<UploadPanel> {
  const panel = mountElement('upload-panel', { endpoint: ENDPOINT, placement: 'inline', ...attributes })
  await panel.updateComplete
  return panel
}

const pageFetch = window.fetch.bind(window)
/** Resolves once the server has so many streams open with this page. */
async function openStreams(count: number): Promise<void> {
  for (;;) {
    const answer = await pageFetch(`${ENDPOINT}-streams`, { cache: 'no-store' })
    const streams: unknown = await answer.json()
    if (Array.isArray(streams) && streams.length === count) return
  }
}

/** Requests that end with this path are answered so, and counted. */
function intercept(path: string, answer: typeof fetch): { readonly count: number } {
  const asked = { count: 0 }
  window.fetch = (input, init) => {
    const address = new URL(input instanceof Request ? input.url : input, location.href)
    if (!address.pathname.endsWith(path)) return pageFetch(input, init)
    asked.count += 1
    return answer(input, init)
  }
  return asked
}

describe('the header of a job', () => {
  const problems: unknown[] = []
  const note = (event: Event) => problems.push(event)
  before(() => {
    addEventListener('error', note)
    addEventListener('unhandledrejection', note)
  })
  after(() => {
    removeEventListener('error', note)
    removeEventListener('unhandledrejection', note)
  })
  afterEach(async () => {
    window.fetch = pageFetch
    unmountElements()
    for (const uploader of others) await uploader.dispose()
    others.clear()
    expect(problems.splice(0)).to.deep.equal([])
  })

  it('asks nothing where no job is shown, nor where no server of ours is', async () => {
    const questions = intercept('/queries/operations', pageFetch)
    // Without files of its own, of which its engine may ask.
    await mountPanel()
    const { uploader } = realUploader({ autoStart: false })
    const given = await mountPanel({ endpoint: '', 'show-job': '' })
    given.uploader = uploader
    given.addFiles(files('a.txt', 'b.txt'))
    await until(() => header(given) === 'Job Queued 0 of 2 completed')
    expect(questions.count).to.equal(0)
    await uploader.dispose()
  })

  it('counts the files that another page adds to the job, live, before and after this page’s own', async () => {
    const panel = await mountPanel({ 'show-job': '' })
    expect(header(panel)).to.equal(undefined)
    const other = otherPage(panel.uploader?.jobId ?? '')
    other.add(files('from the phone.txt', 'another from the phone.txt'))
    await until(() => header(panel) === 'Job Completed 2 of 2 completed')
    expect(panel.uploader?.items()).to.deep.equal([])

    panel.addFiles(files('from here.txt'))
    await until(() => header(panel) === 'Job Completed 3 of 3 completed')
    // One of each page: what uploads and what counts hear the same one.
    await openStreams(2)
    other.add(files('fails once.txt'))
    await until(() => header(panel) === 'Job Completed in part 3 of 4 completed · 1 failed')
    other.retry()
    await until(() => header(panel) === 'Job Completed 4 of 4 completed')
    panel.uploader?.clear('all')
    await panel.updateComplete
    await beforePaint()
    expect(header(panel)).to.equal('Job Completed 4 of 4 completed')
  })

  it('counts each file of an earlier page once, and what another one adds to it', async () => {
    const jobId = crypto.randomUUID()
    const earlier = otherPage(jobId)
    earlier.add(files('a.txt', 'b.txt', 'c.txt'))
    await until(() => earlier.$summary.get().completed === 3)
    const panel = await mountPanel({ 'job-id': jobId })
    const totals = new Set<string | undefined>()
    const look = () => totals.add(header(panel))
    await until(() => (look(), panel.uploader?.items().length === 3))
    earlier.add(files('d.txt'))
    await until(() => (look(), header(panel) === 'Job Completed 4 of 4 completed'))
    // Never less than was shown before, and never one twice.
    const shown = [...totals].flatMap((text) => /of (\d+)/.exec(text ?? '')?.[1] ?? [])
    expect(shown.map(Number)).to.deep.equal(shown.map(Number).sort((one, other) => one - other))
    expect(new Set(shown)).to.deep.equal(new Set(['3', '4']))
  })

  it('asks the server of the element whose uploader it shows', async () => {
    const dropzone = mountElement('upload-dropzone', { id: 'job-dropzone', endpoint: ENDPOINT })
    const panel = await mountPanel({ endpoint: '', for: 'job-dropzone', 'show-job': '' })
    otherPage(dropzone.uploader?.jobId ?? '').add(files('from elsewhere.txt'))
    await until(() => header(panel) === 'Job Completed 1 of 1 completed')
  })

  it('counts them without a stream, too', async () => {
    const streams = intercept('/events', () => Promise.reject(new TypeError('No way.')))
    const panel = await mountPanel({ 'show-job': '' })
    panel.addFiles(files('from here.txt'))
    const other = createUploader({ backend: httpBackend({ url: ENDPOINT }), jobId: panel.uploader?.jobId ?? '' })
    others.add(other)
    other.add(files('from elsewhere.txt'))
    await until(() => header(panel) === 'Job Completed 2 of 2 completed')
    expect(streams.count).to.be.greaterThan(0)
  })

  it('tells what the page knows where the server refuses to say more, and does not ask again', async () => {
    const refusal = () => Promise.resolve(Response.json({ code: 'forbidden', detail: 'Not yours.' }, { status: 403 }))
    const questions = intercept('/queries/operations', refusal)
    const panel = await mountPanel({ 'show-job': '' })
    await until(() => questions.count === 1)
    // Nobody follows the job any more.
    await openStreams(0)
    expect(questions.count).to.equal(1)
    panel.addFiles(files('a.txt', 'b.txt'))
    await until(() => header(panel) === 'Job Completed 2 of 2 completed')
  })

  it('leaves the server alone when the panel goes, also while it is still being loaded', async () => {
    const questions = intercept('/queries/operations', () => new Promise(() => {}))
    const panel = await mountPanel({ 'show-job': '' })
    panel.remove()
    await openStreams(0)
    const { count } = questions
    document.body.append(panel)
    await until(() => questions.count > count)
    await openStreams(1)
    panel.remove()
    await openStreams(0)
  })
})
