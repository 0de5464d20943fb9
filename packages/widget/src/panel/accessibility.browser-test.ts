import { UploadError } from '@upload-panel/core'
import { expect } from 'chai'
import { serverWord } from '../testing/an-item.js'
import { axeViolations } from '../testing/axe-violations.js'
import { mountPanel, type PanelHarness, unmountAll } from '../testing/panel-harness.js'
import { scriptedUploader } from '../testing/scripted-uploader.js'

const failure = new UploadError('network', 'The connection was lost.')

/** A panel with a file in every phase. */
async function everyPhase(attributes: Readonly<Record<string, string>>): Promise<PanelHarness> {
  const harness = await mountPanel({ attributes })
  const ids = await harness.add(...Array.from({ length: 9 }, (_, index) => `a file with a rather long name, number ${index}.txt`))
  const phases = [
    { phase: 'uploading', sentBytes: 3, bytesPerSecond: 1000, secondsLeft: 4 },
    { phase: 'failed', by: 'self', error: failure },
    { phase: 'processing', overdue: false, server: serverWord({ progress: 30, stage: 'scanning' }) },
    { phase: 'processing', overdue: true },
    { phase: 'waiting', reason: 'offline', error: failure },
    { phase: 'completed' },
    { phase: 'cancelled' },
    { phase: 'queued', paused: true },
  ] as const
  for (const [index, phase] of phases.entries()) harness.uploader.set(ids[index] as string, phase)
  await harness.settle()
  return harness
}

beforeEach(() => {
  document.documentElement.lang = 'en'
})
afterEach(unmountAll)

describe('axe finds nothing', () => {
  for (const theme of ['dark', 'light']) {
    it(`in a ${theme} panel with a file in every phase`, async () => {
      document.body.style.background = theme === 'dark' ? '#0d0a14' : '#fff'
      const { panel } = await everyPhase({ theme })
      expect(await axeViolations(panel)).to.deep.equal([])
    })

    it(`in an empty ${theme} panel`, async () => {
      const { panel } = await mountPanel({ attributes: { theme, accept: 'image/*', 'max-size': '1000' } })
      expect(await axeViolations(panel)).to.deep.equal([])
    })

    it(`in a ${theme} panel that refused a file`, async () => {
      const { panel, settle } = await mountPanel({ attributes: { theme }, uploader: scriptedUploader({ maxFiles: 0 }) })
      panel.addFiles([new File(['x'], 'a.txt')])
      await settle()
      expect(await axeViolations(panel)).to.deep.equal([])
    })

    it(`in a collapsed ${theme} panel`, async () => {
      const { panel } = await everyPhase({ theme }).then(async (harness) => {
        harness.panel.collapse()
        await harness.settle()
        return harness
      })
      expect(await axeViolations(panel)).to.deep.equal([])
    })
  }
})

describe('assistive technology', () => {
  it('hears each row’s place among all files, not among those rendered', async () => {
    const { uploader, rows, settle } = await mountPanel()
    uploader.add(Array.from({ length: 500 }, (_, index) => new File(['x'], `${index}.txt`)))
    await settle()
    const row = rows()[2]?.element
    expect(row?.getAttribute('role')).to.equal('listitem')
    expect(row?.getAttribute('aria-setsize')).to.equal('500')
    expect(row?.getAttribute('aria-posinset')).to.equal('3')
    expect(row?.parentElement?.getAttribute('role')).to.equal('list')
  })

  it('hears progress as a progress bar with the file’s name', async () => {
    const { uploader, settle, row } = await mountPanel()
    const [id = ''] = uploader.add([new File(['1234'], 'a.txt')])
    uploader.set(id, { phase: 'uploading', sentBytes: 1 })
    await settle()
    const bar = row('a.txt').bar
    expect(bar?.getAttribute('role')).to.equal('progressbar')
    expect(bar?.getAttribute('aria-label')).to.equal('Progress of a.txt')
    expect(bar?.getAttribute('aria-valuenow')).to.equal('25')
  })

  it('hears of added files politely and of failures at once', async () => {
    const { uploader, root, settle } = await mountPanel()
    const [id = ''] = uploader.add([new File(['x'], 'a.txt'), new File(['x'], 'b.txt')])
    await settle()
    uploader.set(id, { phase: 'failed', by: 'self', error: failure })
    uploader.emit('failed', uploader.items()[0] as never)
    await settle()
    expect(root.querySelector('[role=status]')?.textContent).to.equal('2 files added. 0 of 2 uploaded, 0%.')
    expect(root.querySelector('[role=alert]')?.textContent).to.equal('a.txt failed. The connection was lost.')
  })

  it('has its live regions from the start, and collapsed too', async () => {
    const { panel, root, settle } = await mountPanel({ attributes: { collapsed: '' } })
    const region = root.querySelector('[role=status]')
    panel.expand()
    await settle()
    expect(root.querySelector('[role=status]') === region).to.equal(true)
  })

  it('is told of one whole name, though the eye sees two pieces', async () => {
    const { add, rows } = await mountPanel()
    await add('a long name of a file that is cut in the middle.txt')
    const name = rows()[0]?.root.querySelector('.name')
    const heard = Array.from(name?.children ?? []).filter((part) => part.getAttribute('aria-hidden') !== 'true')
    expect(heard.map((part) => part.textContent)).to.deep.equal(['a long name of a file that is cut in the middle.txt'])
  })
})
