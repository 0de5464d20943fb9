import { UploadError } from '@upload-panel/core'
import { expect } from 'chai'
import '../sync-status.js'
import type { SyncStatus } from '../sync-status.js'
import { axeViolations } from '../testing/axe-violations.js'
import { aWord, painted, type StatusHarness, statusHarness } from '../testing/status-harness.js'

const mounted = new Set<HTMLElement>()
afterEach(() => {
  for (const element of mounted) element.remove()
  mounted.clear()
  document.body.style.background = ''
})

interface Mounted {
  readonly element: SyncStatus
  readonly root: ShadowRoot
  /** All its text, on one line. */
  text(selector?: string): string
  find(selector: string): HTMLElement
}

async function mount(
  harness: StatusHarness | undefined,
  attributes: Readonly<Record<string, string>> = {},
  parent: Element = document.body,
): Promise<Mounted> {
  const element = document.createElement('sync-status')
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  if (harness) element.monitor = harness.monitor
  parent.append(element)
  mounted.add(element)
  await painted()
  const root = element.shadowRoot as ShadowRoot
  const find = (selector: string) => {
    const found = root.querySelector<HTMLElement>(selector)
    if (!found) throw new Error(`Nothing is ${selector}.`)
    return found
  }
  return {
    element,
    root,
    find,
    text: (selector = ':host > *') => plain(selector === ':host > *' ? root.textContent : find(selector).textContent),
  }
}

function boxWith(style = ''): HTMLElement {
  const box = document.createElement('div')
  box.style.cssText = style
  document.body.append(box)
  mounted.add(box)
  return box
}

const plain = (text: string | null) => (text ?? '').replace(/[\s\u00a0\u202f]+/g, ' ').trim()
const failed = (message: string) => ({ status: 'failed', error: { code: 'x', message, retryable: false } }) as const

describe('<sync-status variant="compact">', () => {
  it('is green with the latency, yellow with the attempt, red with the error', async () => {
    const harness = statusHarness()
    const { text, root } = await mount(harness, { variant: 'compact' })
    await harness.connect()
    expect(text('.pill')).to.contain('Live 12 ms')
    expect(root.querySelector('.light.good')).to.not.equal(null)
    await harness.set({ status: 'reconnecting', latency: null, reconnectAttempts: 2 })
    expect(text('.pill')).to.contain('Reconnecting… Attempt 2')
    expect(root.querySelector('.light.warning')).to.not.equal(null)
    harness.fail(new UploadError('server', 'The database is gone.'))
    await harness.set({ status: 'error' })
    harness.monitor.refresh()
    await harness.pass(1000)
    expect(text('.pill')).to.contain('Not connected The database is gone.')
    expect(root.querySelector('.light.bad')).to.not.equal(null)
  })

  it('shows health beside it, and says it in a word where it is not good', async () => {
    const harness = statusHarness()
    const { text, find } = await mount(harness, { variant: 'compact' })
    await harness.connect()
    await harness.say('a', { status: 'completed' })
    expect(find('.pulse').className).to.contain('good')
    await harness.say('b', failed('No.'))
    expect(find('.pulse').className).to.contain('bad')
    expect(text('.pulse')).to.contain('Critical')
  })

  it('opens the full numbers by a button, and closes them by Escape', async () => {
    const harness = statusHarness()
    const { find, text, root } = await mount(harness, { variant: 'compact' })
    await harness.connect()
    const pill = find('.pill')
    expect(pill.getAttribute('aria-expanded')).to.equal('false')
    expect(find('.card').matches(':popover-open')).to.equal(false)
    pill.focus()
    pill.click()
    await painted()
    expect(find('.card').matches(':popover-open')).to.equal(true)
    expect(pill.getAttribute('aria-expanded')).to.equal('true')
    expect(text('.card')).to.contain('Server-Sent Events')
    expect(text('.card')).to.contain('Error rate')
    find('.card').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))
    await painted()
    expect(find('.card').matches(':popover-open')).to.equal(false)
    expect(root.activeElement === pill).to.equal(true)
  })

  it('keeps what it opened within the window', async () => {
    const harness = statusHarness()
    const { find } = await mount(harness, { variant: 'compact' }, boxWith('position:fixed;inset:8px 0 auto auto'))
    find('.pill').click()
    await painted()
    const { left, right, top } = find('.card').getBoundingClientRect()
    expect(left).to.be.at.least(0)
    expect(right).to.be.at.most(document.documentElement.clientWidth)
    expect(top).to.be.at.least(find('.pill').getBoundingClientRect().bottom)
  })

  it('keeps what it opened beside it while the page scrolls', async () => {
    const harness = statusHarness()
    const { find } = await mount(harness, { variant: 'compact' }, boxWith('block-size:3000px'))
    find('.pill').click()
    await painted()
    const distance = () => find('.card').getBoundingClientRect().top - find('.pill').getBoundingClientRect().bottom
    const before = distance()
    const scrolled = new Promise((resolve) => document.addEventListener('scroll', resolve, { once: true }))
    scrollBy(0, 40)
    await scrolled
    await painted()
    expect(scrollY).to.equal(40)
    expect(distance()).to.be.closeTo(before, 0.5)
    scrollTo(0, 0)
  })

  it('says what is wrong, and asks again when it is told to', async () => {
    const harness = statusHarness()
    harness.fail(new UploadError('server', 'The database is gone.'))
    const { find, text, root } = await mount(harness, { variant: 'compact' })
    await harness.set({ status: 'error', reconnectAttempts: 4 })
    find('.pill').click()
    await painted()
    expect(text('.trouble')).to.contain('The database is gone. What you see is the last that is known.')
    harness.fail(undefined)
    find('.trouble button').click()
    await harness.connect()
    await harness.pass(1000)
    expect(root.querySelector('.trouble')).to.equal(null)
  })

  it('follows all operations and no more, since nothing else is shown', async () => {
    const harness = statusHarness()
    await mount(harness, { variant: 'compact' })
    await harness.connect()
    expect(harness.topics).to.deep.equal(['all'])
  })
})

describe('<sync-status variant="floating">', () => {
  it('is at the bottom start corner, with the number of active operations', async () => {
    const harness = statusHarness()
    const { element, text } = await mount(harness, { variant: 'floating' })
    await harness.connect()
    await harness.say('a')
    await harness.say('b')
    expect(text('.pill')).to.contain('2 active')
    const { left, bottom } = element.getBoundingClientRect()
    expect(getComputedStyle(element).position).to.equal('fixed')
    expect(left).to.equal(16)
    expect(bottom).to.equal(document.documentElement.clientHeight - 16)
  })

  it('stays open beside other work, and is closed by its own button', async () => {
    const harness = statusHarness()
    const { find } = await mount(harness, { variant: 'floating' })
    find('.pill').click()
    await painted()
    document.body.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }))
    document.body.click()
    await painted()
    expect(find('.card').matches(':popover-open')).to.equal(true)
    find('.card .icon-button').click()
    await painted()
    expect(find('.card').matches(':popover-open')).to.equal(false)
  })
})

describe('<sync-status variant="full">', () => {
  it('shows operations of all types, those that go on and those that have ended', async () => {
    const harness = statusHarness()
    const { root, text } = await mount(harness)
    await harness.connect()
    for (const operation_type of ['upload', 'delete', 'update', 'full_sync', 'webhook'] as const)
      await harness.say(operation_type, { operation_type, progress: 40 })
    await harness.say('webhook', {
      operation_type: 'webhook',
      status: 'failed',
      error: { code: 'x', message: 'Nobody answered', retryable: true },
    })
    const [active, history] = root.querySelectorAll('.lists > .list')
    const names = (list: Element | undefined) => Array.from(list?.querySelectorAll('.name .whole') ?? [], (name) => name.textContent)
    expect(names(active)).to.deep.equal(['Upload', 'Deletion', 'Update', 'Full sync'])
    expect(names(history)).to.deep.equal(['Webhook'])
    expect(plain(history?.textContent ?? '')).to.contain('Nobody answered.')
    expect(active?.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow')).to.equal('40')
    expect(text('.dashboard')).to.match(/Success rate\s*0%/)
  })

  it('shows few rows of thousands, and how many there are', async () => {
    const harness = statusHarness()
    harness.operations.push(...Array.from({ length: 5000 }, (_, index) => aWord(`op-${index}`)))
    const { root, text } = await mount(harness)
    await harness.connect()
    expect(root.querySelectorAll('.row').length).to.equal(30)
    expect(text('.lists')).to.contain('Active operations 5,000')
    expect(text('.lists')).to.contain('and 4,970 more')
  })

  it('measures at once, and says in words what its charts show', async () => {
    const harness = statusHarness()
    await harness.connect({ latency: 25, messagesPerSecond: 3, bytesPerSecond: 1200 })
    const unlisten = harness.monitor.$connection.listen(() => {})
    await painted()
    const { root } = await mount(harness)
    unlisten()
    const charts = Array.from(root.querySelectorAll('.chart'), (chart) => plain(chart.textContent))
    expect(charts[0]).to.match(/^Latency 25 ms 50 ms 25 ms · steady$/)
    expect(charts[1]).to.contain('3 · steady')
    expect(charts[3]).to.contain('Nothing measured yet')
    expect(root.querySelector('.curve')?.getAttribute('d')).to.match(/240 28(h0)?$/)
  })

  it('measures nothing while the page is hidden', async () => {
    const harness = statusHarness()
    await harness.connect({ latency: 25 })
    let visibility = 'hidden'
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => visibility })
    try {
      const { text } = await mount(harness)
      expect(text('.chart')).to.contain('Nothing measured yet')
      visibility = 'visible'
      document.dispatchEvent(new Event('visibilitychange'))
      await painted()
      expect(text('.chart')).to.contain('25 ms · steady')
    } finally {
      Reflect.deleteProperty(document, 'visibilityState')
    }
  })

  it('has its charts as a table, whose rows are made when it is opened', async () => {
    const harness = statusHarness()
    const { find, root } = await mount(harness)
    expect(root.querySelectorAll('.values tbody tr')).to.have.length(0)
    find('.values summary').click()
    await painted()
    await painted()
    expect(root.querySelectorAll('.values tbody tr')).to.have.length(1)
  })

  it('says what its health is made of', async () => {
    const harness = statusHarness()
    const { text } = await mount(harness)
    await harness.connect()
    await harness.say('a', { status: 'completed' })
    await harness.say('b', failed('No.'))
    expect(text('.health-parts')).to.match(/Success counts 60%\s*50%/)
  })

  it('shows each subscription with what came by it', async () => {
    const harness = statusHarness()
    const { text } = await mount(harness)
    await harness.connect()
    await harness.say('a')
    await harness.say('b')
    expect(text('[part=subscriptions] tbody')).to.match(/^All operations Following\s*2\s*2\s*\d/)
  })

  it('keeps what is known when the server is gone', async () => {
    const harness = statusHarness()
    const { text, find } = await mount(harness)
    await harness.connect()
    await harness.say('a', { operation_type: 'full_sync' })
    harness.fail(new UploadError('server', 'The database is gone.'))
    await harness.set({ status: 'error', latency: null })
    harness.monitor.refresh()
    await harness.pass(1000)
    expect(text('.trouble')).to.contain('The database is gone.')
    expect(text('.lists')).to.contain('Full sync')
    expect(find('.chart .big').textContent).to.equal('–')
  })

  it('shows a server’s words as text, and only so much of them', async () => {
    const harness = statusHarness()
    const { root, element } = await mount(harness)
    await harness.connect()
    const hostile = `<img src=x onerror="alert(1)">\u202e${'x'.repeat(3000)}`
    await harness.say('a', { message: hostile, stage: hostile, file: { name: hostile, size: 1, type: '' } })
    await harness.say('b', failed(hostile))
    expect(root.querySelectorAll('img')).to.have.length(0)
    expect(plain(root.textContent)).to.contain('<img src=x onerror="alert(1)">')
    expect(root.textContent).to.not.contain('\u202e')
    expect(element.scrollWidth).to.be.at.most(element.clientWidth)
  })
})

describe('the life of a <sync-status>', () => {
  it('that leaves lets go of a given monitor, and follows it again when it comes back', async () => {
    const harness = statusHarness()
    const { element, text } = await mount(harness)
    await harness.connect()
    expect(harness.topics).to.deep.equal(['all'])
    element.remove()
    await painted()
    expect(harness.topics).to.deep.equal([])
    harness.operations.push(aWord('meanwhile', { operation_type: 'full_sync' }))
    document.body.append(element)
    await harness.pass(1000)
    expect(text('.lists')).to.contain('Full sync')
  })

  it('that is moved goes on', async () => {
    const harness = statusHarness()
    const { element } = await mount(harness)
    await harness.connect()
    const { monitor } = element
    boxWith().append(element)
    await painted()
    expect(element.monitor === monitor).to.equal(true)
    expect(harness.topics).to.deep.equal(['all'])
  })

  it('shares its monitor with the others of its endpoint, and ends it with the last of them', async () => {
    const endpoint = '/nothing-is-here'
    const first = await mount(undefined, { endpoint, realtime: 'polling', variant: 'compact' })
    const second = await mount(undefined, { endpoint: `${endpoint}/`, realtime: 'polling' })
    const { monitor } = first.element
    expect(monitor).to.not.equal(undefined)
    expect(second.element.monitor === monitor).to.equal(true)
    first.element.remove()
    await painted()
    expect(second.element.monitor === monitor).to.equal(true)
    second.element.remove()
    await painted()
    const third = await mount(undefined, { endpoint, realtime: 'polling' })
    expect(third.element.monitor).to.not.equal(undefined)
    expect(third.element.monitor === monitor).to.equal(false)
  })

  it('that is moved keeps the monitor of its endpoint', async () => {
    const { element } = await mount(undefined, { endpoint: '/nothing-is-here', realtime: 'polling', variant: 'compact' })
    const { monitor } = element
    boxWith().append(element)
    await painted()
    await new Promise((resolve) => setTimeout(resolve))
    expect(monitor).to.not.equal(undefined)
    expect(element.monitor === monitor).to.equal(true)
  })

  it('without a server says so without a word too many', async () => {
    const { text } = await mount(undefined, { variant: 'compact' })
    expect(text('.pill')).to.contain('Connecting…')
  })

  it('renders at most once a frame, whatever changes and however often', async () => {
    const harness = statusHarness()
    const { element } = await mount(harness)
    await harness.connect()
    let rendered = 0
    const { render } = element as unknown as { render(): unknown }
    Object.assign(element, { render: () => ((rendered += 1), render.call(element)) })
    for (let turn = 0; turn < 100; turn += 1) {
      void harness.say('a', { progress: turn })
      element.requestUpdate()
      // One task: no frame comes between.
      await Promise.resolve()
    }
    expect(rendered).to.equal(0)
    await painted()
    expect(rendered).to.be.within(1, 3)
  })

  it('tells that a connection is lost, and that it is there again, but not that it is there at first', async () => {
    const harness = statusHarness()
    const { text } = await mount(harness, { variant: 'compact' })
    await harness.connect()
    expect(text('[role=status]')).to.equal('')
    await harness.set({ status: 'reconnecting', reconnectAttempts: 1 })
    expect(text('[role=status]')).to.equal('The connection to the server is lost.')
  })
})

describe('axe finds nothing', () => {
  for (const theme of ['dark', 'light']) {
    for (const variant of ['full', 'compact', 'floating']) {
      it(`in a ${theme} ${variant} status with operations and an error`, async () => {
        document.documentElement.lang = 'en'
        document.body.style.background = theme === 'dark' ? '#0d0a14' : '#fff'
        const harness = statusHarness()
        const { element, root } = await mount(harness, { theme, variant })
        await harness.connect()
        for (const operation_type of ['upload', 'full_sync'] as const) await harness.say(operation_type, { operation_type, progress: 40 })
        await harness.say('b', failed('No.'))
        await harness.say('c', { status: 'completed' })
        harness.fail(new UploadError('server', 'The database is gone.'))
        await harness.set({ status: 'reconnecting', latency: null, reconnectAttempts: 2 })
        harness.monitor.refresh()
        await harness.pass(1000)
        root.querySelector<HTMLElement>('.pill, summary')?.click()
        await painted()
        expect(await axeViolations(element)).to.deep.equal([])
      })
    }
  }
})
