import { expect } from 'chai'
import './index.js'
import { scriptedUploader } from './testing/scripted-uploader.js'

describe('x', () => {
  it('renders', async () => {
    const panel = document.createElement('upload-panel')
    const u = scriptedUploader()
    panel.uploader = u
    document.body.append(panel)
    await panel.updateComplete
    u.add([new File(['abc'], 'a.txt')])
    await new Promise((resolve) => requestAnimationFrame(resolve))
    const list = panel.shadowRoot?.querySelector('upload-panel-list')
    const row = list?.shadowRoot?.querySelector('upload-panel-row')
    expect(row?.shadowRoot?.textContent).to.contain('a.txt')
  })
})
