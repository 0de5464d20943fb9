import { UploadError } from '@upload-panel/core'
import type Axe from 'axe-core'
// Defines the global `axe`; it has no exports that a browser could import.
import 'axe-core'
import { sendKeys } from '@web/test-runner-commands'
import { expect } from 'chai'
import { mountPanel, type MountOptions, type ScriptedPanelHarness, unmountAll } from '../testing/panel-harness.js'

declare global {
  var axe: typeof Axe
}

const failure = { phase: 'failed', by: 'self', error: new UploadError('network', 'The connection was lost.') } as const

/** A panel whose files have all ended, the first ones with a failure. */
async function ended({ failed = 0, completed = 2, ...options }: MountOptions & { failed?: number; completed?: number } = {}) {
  const harness = await mountPanel(options)
  const ids = await harness.add(...Array.from({ length: failed + completed }, (_, index) => `${index}.txt`))
  for (const [index, id] of ids.entries()) harness.uploader.set(id, index < failed ? failure : { phase: 'completed' })
  harness.uploader.emit('batch-completed', harness.uploader.items())
  await harness.settle()
  return harness
}

const toasts = ({ root }: ScriptedPanelHarness) => Array.from(root.querySelectorAll<HTMLElement>('.toast'))
const texts = (harness: ScriptedPanelHarness) =>
  toasts(harness).map((toast) => toast.querySelector('.toast-text')?.textContent?.replace(/\s+/g, ' ').trim())
const button = (harness: ScriptedPanelHarness, part: string) =>
  harness.root.querySelector<HTMLButtonElement>(`.toast [part~=button-${part}]`)

beforeEach(() => {
  document.documentElement.lang = 'en'
  localStorage.clear()
})
afterEach(unmountAll)

describe('when files that were added together have ended', () => {
  it('a toast counts them', async () => {
    expect(texts(await ended({ completed: 12 }))).to.deep.equal(['12 files uploaded'])
  })

  it('no toast is shown, and none fails, where the panel has just left the page', async () => {
    const harness = await mountPanel()
    const [id = ''] = await harness.add('last.txt')
    harness.panel.remove()
    harness.uploader.set(id, { phase: 'completed' })
    harness.uploader.emit('batch-completed', harness.uploader.items())
    await harness.panel.updateComplete
    expect(harness.root.querySelector('.toasts:popover-open')).to.equal(null)
  })

  it('it names what failed', async () => {
    expect(texts(await ended({ failed: 4, completed: 8 }))).to.deep.equal(['8 of 12 files uploaded Failed: 0.txt, 1.txt and 2 more'])
    unmountAll()
    expect(texts(await ended({ failed: 1, completed: 0 }))).to.deep.equal(['1 file failed Failed: 0.txt'])
  })

  it('a name without end is cut, in a toast and in what is said', async () => {
    const harness = await mountPanel()
    const [id = ''] = await harness.add(`${'👋🏽'.repeat(70)}.png`)
    await harness.set(id, failure)
    harness.uploader.emit('failed', harness.uploader.items()[0] as never)
    harness.uploader.emit('batch-completed', harness.uploader.items())
    await harness.settle()
    const said = harness.root.querySelector('[role=alert]')?.textContent ?? ''
    for (const text of [texts(harness)[0] ?? '', said]) {
      expect(text).to.contain(`${'👋🏽'.repeat(24)}…${'👋🏽'.repeat(5)}.png`)
      expect(text).not.to.contain('👋🏽'.repeat(25))
    }
  })

  it('it is shown beside a collapsed panel, above all of the page', async () => {
    const harness = await ended({ attributes: { collapsed: '' } })
    const region = harness.root.querySelector('.toasts')
    expect(texts(harness)).to.deep.equal(['2 files uploaded'])
    expect(region?.matches(':popover-open')).to.equal(true)
    const { left, right, top, bottom } = toasts(harness)[0]?.getBoundingClientRect() ?? new DOMRect()
    expect([left >= 0, right <= innerWidth, top >= 0, bottom <= innerHeight, right > left]).to.deep.equal([true, true, true, true, true])
  })

  it('it is in the half of the window where the panel is not', async () => {
    for (const side of ['left', 'right']) {
      const parent = document.createElement('div')
      Object.assign(parent.style, { position: 'absolute', top: '0', [side]: '0', width: '300px' })
      document.body.append(parent)
      const harness = await ended({ parent })
      const { left, right } = toasts(harness)[0]?.getBoundingClientRect() ?? new DOMRect()
      expect(left < innerWidth - right ? 'left' : 'right').to.equal(side === 'left' ? 'right' : 'left')
      unmountAll()
      parent.remove()
    }
  })

  it('its time does not begin while nobody sees the page', async () => {
    const started: number[] = []
    const { setTimeout: real } = globalThis
    const seen = (isHidden: boolean) => {
      Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    }
    globalThis.setTimeout = Object.assign((callback: () => void, ms = 0) => {
      if (ms === 6000) started.push(ms)
      return real(callback, ms)
    }, real)
    try {
      seen(true)
      await ended()
      expect(started).to.deep.equal([])
      seen(false)
      expect(started).to.deep.equal([6000])
    } finally {
      globalThis.setTimeout = real
      Reflect.deleteProperty(document, 'hidden')
    }
  })

  it('none is shown on a page that wants none', async () => {
    expect(texts(await ended({ attributes: { 'no-toasts': '' } }))).to.deep.equal([])
  })

  it('none is a live region: the panel has said it already', async () => {
    const harness = await ended()
    for (const element of [harness.root.querySelector('.toasts'), ...toasts(harness)]) {
      expect(element?.getAttribute('aria-live')).to.equal(null)
      expect(element?.getAttribute('role')).not.to.be.oneOf(['status', 'alert', 'log'])
    }
  })

  it('the event of the page tells every file, those that failed with their error', async () => {
    const harness = await mountPanel()
    const told: unknown[] = []
    harness.panel.addEventListener('batch-completed', ({ detail }) => told.push(...detail.items))
    const [first = '', second = ''] = await harness.add('a.txt', 'b.txt')
    await harness.set(first, failure)
    await harness.set(second, { phase: 'completed', result: { url: '/b' } })
    harness.uploader.emit('batch-completed', harness.uploader.items())
    expect(told).to.deep.equal(harness.uploader.items())
    expect(told[0]).to.include({ phase: 'failed', error: failure.error })
    expect(told[1]).to.deep.include({ phase: 'completed', result: { url: '/b' } })
  })
})

describe('a toast', () => {
  it('leads to what failed', async () => {
    const harness = await ended({ failed: 1, attributes: { collapsed: '' } })
    button(harness, 'show-failed')?.click()
    await harness.settle()
    await harness.settle()
    expect([harness.panel.collapsed, harness.panel.tab]).to.deep.equal([false, 'failed'])
    expect(harness.focused()?.id).to.equal('tab-failed')
    expect(texts(harness)).to.deep.equal([])
    expect(harness.rows().map(({ name }) => name)).to.deep.equal(['0.txt'])
  })

  it('is dismissed by its button and by Escape, and the focus stays in the panel', async () => {
    const harness = await ended()
    harness.uploader.emit('batch-completed', harness.uploader.items())
    await harness.settle()
    expect(toasts(harness).length).to.equal(2)
    button(harness, 'dismiss')?.focus()
    await sendKeys({ press: 'Enter' })
    await harness.settle()
    expect(toasts(harness).length).to.equal(1)
    expect(harness.focused()).to.equal(button(harness, 'dismiss'))
    await sendKeys({ press: 'Escape' })
    await harness.settle()
    expect(harness.root.querySelector('.toasts')).to.equal(null)
    expect(harness.root.activeElement?.classList.contains('panel')).to.equal(true)
  })

  it('ends with the panel', async () => {
    const harness = await ended()
    const { panel } = harness
    panel.remove()
    document.body.append(panel)
    await harness.settle()
    expect(texts(harness)).to.deep.equal([])
  })

  for (const theme of ['dark', 'light']) {
    it(`is sound to axe in a ${theme} panel, as are tabs and what is asked`, async () => {
      document.body.style.background = theme === 'dark' ? '#0d0a14' : '#fff'
      const harness = await ended({ failed: 1, attributes: { theme, tab: 'active', 'job-id': 'job-1' } })
      await harness.add('x.txt', 'y.txt')
      harness.root.querySelector<HTMLElement>('[data-action=cancel-all]')?.click()
      await harness.settle()
      for (const animation of document.getAnimations()) animation.finish()
      for (const element of harness.root.querySelectorAll('.toast, .panel')) for (const each of element.getAnimations()) each.finish()
      const { violations } = await axe.run(harness.panel, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
        rules: { 'page-has-heading-one': { enabled: false } },
      })
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`),
      ).to.deep.equal([])
    })
  }
})
