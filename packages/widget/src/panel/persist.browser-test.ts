import { expect } from 'chai'
import '../upload-panel.js'
import type { UploadPanel } from '../upload-panel.js'

/** Any endpoint will do: nothing is started. */
function mount(name: string): UploadPanel {
  const panel = document.createElement('upload-panel')
  panel.endpoint = '/nowhere'
  panel.noAutoStart = true
  panel.setAttribute('persist', name)
  document.body.append(panel)
  return panel
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo()); tries += 1) {
    if (tries > 200) throw new Error(`It did not come about that ${what}.`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

describe('a panel that keeps its queue', () => {
  it('shows it again in the next page, also what was added while its script was loaded', async () => {
    const name = `persist-test-${Date.now()}`
    const first = mount(name)
    await first.updateComplete
    const [id] = first.addFiles([new File(['content'], 'kept.txt')])
    const isWritten = () =>
      new Promise<boolean>((resolve) => {
        const request = indexedDB.open(`upload-panel:${name}`)
        // It is the panel's to make.
        request.onupgradeneeded = () => request.transaction?.abort()
        request.onerror = () => resolve(false)
        request.onsuccess = () => {
          const count = request.result.transaction('uploads').objectStore('uploads').count()
          count.onsuccess = () => {
            request.result.close()
            resolve(count.result === 1)
          }
        }
      })
    await until('it is written', isWritten)
    first.remove()

    const second = mount(name)
    await until('it came back', () => second.uploader?.items().length === 1)
    expect(second.uploader?.items()[0]).to.include({ id, name: 'kept.txt' })
    second.remove()
  })
})

describe('panels of one endpoint that nobody has named', () => {
  const ENDPOINT = '/nowhere-for-two'
  let mounted: readonly UploadPanel[] = []
  const leave = () => {
    for (const panel of mounted) panel.remove()
  }
  const forget = () => {
    leave()
    for (const name of [ENDPOINT, `${ENDPOINT} 2`]) localStorage.removeItem(`upload-panel:${name}`)
  }
  beforeEach(forget)
  afterEach(forget)

  async function both(): Promise<readonly UploadPanel[]> {
    const panels = ['first', 'second'].map(() => document.createElement('upload-panel'))
    for (const panel of panels) {
      panel.setAttribute('endpoint', ENDPOINT)
      panel.setAttribute('no-auto-start', '')
      document.body.append(panel)
    }
    mounted = panels
    for (const panel of panels) await panel.updateComplete
    return panels
  }

  it('come back as each of them was left', async () => {
    const [first, second] = await both()
    expect([first?.collapsed, second?.collapsed]).to.deep.equal([false, false])
    second?.renderRoot.querySelector<HTMLElement>('[part~="button-collapse"]')?.click()
    leave()
    expect((await both()).map(({ collapsed }) => collapsed)).to.deep.equal([false, true])
  })
})
