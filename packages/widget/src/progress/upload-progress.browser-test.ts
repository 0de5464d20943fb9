import { UploadError, type Uploader } from '@upload-panel/core'
import { expect } from 'chai'
import '../upload-progress.js'
import { serverWord } from '../testing/an-item.js'
import { axeViolations } from '../testing/axe-violations.js'
import { scriptedUploader } from '../testing/scripted-uploader.js'
import { aWord, painted, type StatusHarness, statusHarness } from '../testing/status-harness.js'
import type { ProgressDetail, UploadProgress, UploadProgressEventMap } from '../upload-progress.js'

const mounted = new Set<HTMLElement>()
afterEach(() => {
  for (const element of mounted) element.remove()
  mounted.clear()
  document.body.style.background = ''
})

const EVENTS = ['progress-completed', 'progress-failed', 'progress-cancelled', 'progress-revoked'] as const

interface MountOptions {
  readonly harness?: StatusHarness
  readonly uploader?: Uploader
  readonly id?: string
  readonly attributes?: Readonly<Record<string, string>>
}

async function mount({ harness, uploader, id = 'a', attributes = {} }: MountOptions) {
  const element: UploadProgress = document.createElement('upload-progress')
  const events: string[] = []
  const details: ProgressDetail[] = []
  for (const type of EVENTS) {
    element.addEventListener(type, (event: UploadProgressEventMap[typeof type]) => {
      events.push(type)
      details.push(event.detail)
    })
  }
  for (const [name, value] of Object.entries({ 'upload-id': id, ...attributes })) element.setAttribute(name, value)
  if (harness) element.monitor = harness.monitor
  if (uploader) element.uploader = uploader
  document.body.append(element)
  mounted.add(element)
  await painted()
  const root = element.shadowRoot as ShadowRoot
  return {
    element,
    root,
    events,
    details,
    text: (selector = '.box') => (root.querySelector(selector)?.textContent ?? '').replace(/\s+/g, ' ').trim(),
    bar: () => root.querySelector('[role=progressbar]'),
    button: (label: string) => root.querySelector<HTMLButtonElement>(`button[title=${label}]`),
  }
}

const file = { name: 'holidays.jpg', size: 5, type: 'image/jpeg' }
const failed = (message: string) => ({ status: 'failed', error: { code: 'x', message, retryable: false } }) as const

describe('<upload-progress> of an operation', () => {
  it('shows what the server says of it, as a progressbar with a name and a value', async () => {
    const harness = statusHarness()
    harness.operations.push(aWord('a', { file, progress: 20, stage: 'making_thumbnail' }))
    const { text, bar } = await mount({ harness })
    await harness.connect()
    expect(harness.topics).to.deep.equal(['operation a'])
    expect(text()).to.match(/holidays\.jpg Upload.*20%.*Processing.*Making thumbnail/)
    expect(bar()?.getAttribute('aria-label')).to.equal('Progress of holidays.jpg')
    expect(bar()?.getAttribute('aria-valuenow')).to.equal('20')
    expect(bar()?.getAttribute('aria-valuetext')).to.equal('Processing, 20%')
    await harness.say('a', { file, progress: 60 })
    expect(bar()?.getAttribute('aria-valuenow')).to.equal('60')
  })

  it('tells the time that is left, though somebody sets the clock back by a day', async () => {
    const [wall, steady] = [Date.now, performance.now]
    let nowMs = 0
    performance.now = () => nowMs
    try {
      const harness = statusHarness()
      harness.operations.push(aWord('a', { file, progress: 25 }))
      const { text } = await mount({ harness })
      await harness.connect()
      nowMs = 10_000
      Date.now = () => wall() - 86_400_000
      await harness.say('a', { file, progress: 50 })
      expect(text()).to.contain('20 sec left')
    } finally {
      Date.now = wall
      performance.now = steady
    }
  })

  it('shows one whose progress is not known as busy, without a value', async () => {
    const harness = statusHarness()
    const { bar, text } = await mount({ harness, attributes: { label: 'Your gallery' } })
    await harness.connect()
    await harness.say('a', { operation_type: 'full_sync', total_items: 10, processed_items: 0 })
    expect(text()).to.contain('Your gallery')
    expect(text()).to.contain('0 of 10 items')
    expect(bar()?.hasAttribute('aria-valuenow')).to.equal(false)
    expect(bar()?.classList.contains('unknown')).to.equal(true)
  })

  for (const [dir, edge] of [
    ['ltr', 'left'],
    ['rtl', 'right'],
  ] as const) {
    it(`fills its bar from the ${edge} where it reads ${dir}, gliding over large steps alone`, async () => {
      const harness = statusHarness()
      const { bar } = await mount({ harness, attributes: { dir } })
      await harness.connect()
      const filled: (number | undefined)[] = []
      for (const progress of [40, 40.5, 80]) {
        await harness.say('a', { progress })
        const ground = bar()?.querySelector<HTMLElement>('.ground')
        filled.push(Number(ground?.style.transform.replace(/^scaleX\((.*)\)$/, '$1')))
        await Promise.all((ground?.getAnimations() ?? []).map(({ finished }) => finished))
        // Of floats that a transform has gone through, not all engines keep the last digit.
        expect(ground?.getBoundingClientRect()[edge]).to.be.closeTo(bar()?.getBoundingClientRect()[edge] ?? NaN, 0.01)
        expect(ground?.className).to.equal(progress === 80 ? 'ground glides' : 'ground')
      }
      expect(filled).to.deep.equal([0.4, 0.405, 0.8])
      const [ground, fill] = bar()?.querySelectorAll<HTMLElement>('.ground, .fill') ?? []
      expect((ground?.getBoundingClientRect().width ?? 0) / (bar()?.clientWidth ?? 1)).to.be.closeTo(0.8, 0.01)
      expect(fill?.getBoundingClientRect().width).to.equal(0)
    })
  }

  it('leaves the bar of one whose progress is not known to its style sheet, until it is', async () => {
    const harness = statusHarness()
    const { bar } = await mount({ harness })
    await harness.connect()
    const fill = () => bar()?.querySelector<HTMLElement>('.fill')?.style.transform
    await harness.say('a', { progress: 0 })
    expect(fill()).to.equal('')
    await harness.say('a', { progress: 30 })
    expect(fill()).to.equal('scaleX(0)')
  })

  it('says that it looks, and then that there is no such thing', async () => {
    const harness = statusHarness()
    const { text } = await mount({ harness, id: 'nobody' })
    expect(text()).to.equal('There is no such operation, or it is not yours to see.')
    const silent = statusHarness({ snapshot: () => new Promise(() => {}) })
    const other = await mount({ harness: silent })
    expect(other.text()).to.equal('Looking it up…')
  })

  it('says why nothing is known, and asks again when it is told to', async () => {
    const harness = statusHarness()
    harness.operations.push(aWord('a', { file }))
    harness.fail(new UploadError('server', 'The database is gone'))
    const { text, root } = await mount({ harness })
    expect(text('.nothing')).to.equal('The database is gone. Try again')
    harness.fail(undefined)
    root.querySelector<HTMLElement>('.nothing button')?.click()
    await harness.pass(1000)
    expect(text()).to.contain('holidays.jpg')
  })

  it('tells each end once, with what it is about', async () => {
    const harness = statusHarness()
    const { events, details } = await mount({ harness })
    await harness.connect()
    await harness.say('a', { progress: 10 })
    await harness.say('a', { status: 'completed' })
    await harness.say('a', { status: 'completed' })
    expect(events).to.deep.equal(['progress-completed'])
    expect(details[0]?.operation?.operation_id).to.equal('a')
    expect(Object.isFrozen(details[0])).to.equal(true)
    await harness.say('a', failed('Taken back'))
    expect(events).to.deep.equal(['progress-completed', 'progress-revoked'])
  })

  it('tells of one that had ended before it came, and says nothing aloud', async () => {
    const harness = statusHarness()
    harness.operations.push(aWord('a', { status: 'completed' }))
    const { events, text } = await mount({ harness })
    await painted()
    expect(events).to.deep.equal(['progress-completed'])
    expect(text('[role=status]')).to.equal('')
  })

  it('says completion politely and failure at once', async () => {
    const harness = statusHarness()
    const { text } = await mount({ harness })
    await harness.connect()
    await harness.say('a', { file })
    await harness.say('a', { file, status: 'completed' })
    expect(text('[role=status]')).to.equal('holidays.jpg is completed.')
    await harness.say('a', { file, ...failed('A virus was found') })
    expect(text('[role=alert]')).to.equal('holidays.jpg failed. A virus was found.')
    expect(text('.problem')).to.equal('A virus was found.')
  })

  it('begins anew with another id', async () => {
    const harness = statusHarness()
    harness.operations.push(aWord('a', { status: 'completed' }), aWord('b', { progress: 30 }))
    const { element, events, text } = await mount({ harness })
    element.uploadId = 'b'
    await harness.pass(1000)
    expect(text()).to.contain('30%')
    await harness.connect()
    await harness.say('b', { status: 'cancelled' })
    expect(events).to.deep.equal(['progress-completed', 'progress-cancelled'])
  })

  it('shows a server’s words as text', async () => {
    const harness = statusHarness()
    const { root } = await mount({ harness })
    await harness.connect()
    const hostile = `<img src=x>\u202e${'x'.repeat(3000)}`
    await harness.say('a', { file: { ...file, name: hostile }, stage: hostile, message: hostile })
    expect(root.querySelector('img')).to.equal(null)
    expect(root.textContent).to.not.contain('\u202e')
  })
})

describe('cancelling it', () => {
  it('asks the server, and keeps the keyboard’s place', async () => {
    const harness = statusHarness()
    const { button, text, root, events } = await mount({ harness })
    await harness.connect()
    await harness.say('a', { file })
    button('Cancel')?.focus()
    button('Cancel')?.click()
    await painted()
    expect(harness.cancelled).to.deep.equal(['a'])
    expect(text()).to.contain('Cancelled')
    expect(events).to.deep.equal(['progress-cancelled'])
    expect(button('Cancel')).to.equal(null)
    expect(root.activeElement?.className).to.equal('box')
  })

  it('that the server refuses says why, and is not offered again', async () => {
    const harness = statusHarness({ cancel: () => Promise.reject(new UploadError('auth', 'Only who began it may cancel it.')) })
    const { button, text } = await mount({ harness })
    await harness.connect()
    await harness.say('a')
    button('Cancel')?.click()
    await painted()
    expect(text('.note')).to.equal('Only who began it may cancel it.')
    expect(button('Cancel')).to.equal(null)
  })

  it('that the server did not hear can be tried again', async () => {
    const harness = statusHarness({ cancel: () => Promise.reject(new UploadError('network', 'Gone.', { retryable: true })) })
    const { button } = await mount({ harness })
    await harness.connect()
    await harness.say('a')
    button('Cancel')?.click()
    await painted()
    expect(button('Cancel')).to.not.equal(null)
  })

  it('is not offered for what is no upload, nor for what has ended', async () => {
    const harness = statusHarness()
    const { button } = await mount({ harness })
    await harness.connect()
    await harness.say('a', { operation_type: 'full_sync' })
    expect(button('Cancel')).to.equal(null)
    await harness.say('a', { status: 'completed' })
    expect(button('Cancel')).to.equal(null)
  })
})

describe('auto-hide', () => {
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await painted()
  }

  it('hides what is completed', async () => {
    const harness = statusHarness()
    const { element } = await mount({ harness, attributes: { 'auto-hide': '1' } })
    await harness.connect()
    await harness.say('a', { status: 'completed' })
    await until(() => element.hidden === true)
  })

  it('shows it again when the server takes its word back', async () => {
    const harness = statusHarness()
    const { element } = await mount({ harness, attributes: { 'auto-hide': '1' } })
    await harness.connect()
    await harness.say('a', { status: 'completed' })
    await until(() => element.hidden === true)
    await harness.say('a', failed('Taken back'))
    expect(element.hidden).to.equal(false)
  })

  it('does not hide another one in the place of what is completed', async () => {
    const harness = statusHarness({ snapshot: () => new Promise(() => {}) })
    const first = await mount({ harness, attributes: { 'auto-hide': '200' } })
    await harness.connect()
    await harness.say('a', { status: 'completed' })
    first.element.uploadId = 'b'
    await painted()
    const second = await mount({ harness, attributes: { 'auto-hide': '200' } })
    await until(() => second.element.hidden === true)
    expect(first.element.hidden).to.equal(false)
  })

  it('never hides a failure, nor what somebody is in', async () => {
    const harness = statusHarness()
    const first = await mount({ harness, attributes: { 'auto-hide': '1' } })
    const second = await mount({ harness, id: 'b', attributes: { 'auto-hide': '1' } })
    const third = await mount({ harness, id: 'c', attributes: { 'auto-hide': '1' } })
    await harness.connect()
    await harness.say('b')
    second.button('Cancel')?.focus()
    await harness.say('a', failed('No.'))
    await harness.say('b', { status: 'completed' })
    // Its time began after theirs.
    await harness.say('c', { status: 'completed' })
    await until(() => third.element.hidden === true)
    expect([first.element.hidden, second.element.hidden]).to.deep.equal([false, false])
    ;(second.root.activeElement as HTMLElement | null)?.blur()
    await until(() => second.element.hidden === true)
  })
})

describe('<upload-progress> of an upload of this page', () => {
  function upload() {
    const uploader = scriptedUploader()
    const [id = ''] = uploader.add([new File(['12345678'], 'film.mp4')])
    return { uploader, id }
  }

  it('shows its bytes and the server’s work on one bar', async () => {
    const { uploader, id } = upload()
    const { bar, text } = await mount({ uploader, id })
    uploader.set(id, { phase: 'uploading', sentBytes: 2 })
    await painted()
    expect(bar()?.getAttribute('aria-valuenow')).to.equal('25')
    const before = bar()
    uploader.set(id, { phase: 'processing', overdue: false, server: serverWord({ progress: 50, stage: 'scanning' }) })
    await painted()
    expect(bar() === before).to.equal(true)
    expect(bar()?.classList.contains('processing')).to.equal(true)
    expect(text()).to.contain('Scanning')
  })

  it('tells its end, and hands its actions on', async () => {
    const { uploader, id } = upload()
    const { events, details, button } = await mount({ uploader, id })
    uploader.set(id, { phase: 'uploading' })
    await painted()
    button('Pause')?.click()
    button('Cancel')?.click()
    expect(uploader.calls.slice(1)).to.deep.equal([
      ['pause', id],
      ['cancel', id],
    ])
    uploader.set(id, { phase: 'failed', by: 'self', error: new UploadError('network', 'Gone.', { retryable: true }) })
    await painted()
    button('Retry')?.click()
    expect(uploader.calls.at(-1)).to.deep.equal(['retry', id])
    expect(events).to.deep.equal(['progress-failed'])
    expect(details[0]?.item?.name).to.equal('film.mp4')
  })

  it('stays as it was when it is taken off the queue', async () => {
    const { uploader, id } = upload()
    const { text } = await mount({ uploader, id })
    uploader.set(id, { phase: 'completed' })
    await painted()
    uploader.remove(id)
    await painted()
    expect(text()).to.contain('Completed')
  })

  it('lets go of the uploader when it leaves', async () => {
    const { uploader, id } = upload()
    const { element } = await mount({ uploader, id })
    expect(uploader.listenerCount()).to.equal(1)
    element.remove()
    await painted()
    expect(uploader.listenerCount()).to.equal(0)
  })
})

describe('axe finds nothing', () => {
  for (const theme of ['dark', 'light']) {
    it(`in ${theme} ones of every kind`, async () => {
      document.documentElement.lang = 'en'
      document.body.style.background = theme === 'dark' ? '#0d0a14' : '#fff'
      const harness = statusHarness()
      harness.operations.push(
        aWord('a', { file, progress: 40, stage: 'scanning' }),
        aWord('b', { operation_type: 'webhook', status: 'pending' }),
        aWord('c', failed('No.')),
        aWord('d', { status: 'completed' }),
        aWord('e', { status: 'cancelled' }),
      )
      const found: string[] = []
      for (const id of ['a', 'b', 'c', 'd', 'e', 'nobody']) {
        const { element } = await mount({ harness, id, attributes: { theme } })
        await harness.pass(1000)
        found.push(...(await axeViolations(element)))
      }
      expect(found).to.deep.equal([])
    })
  }
})
