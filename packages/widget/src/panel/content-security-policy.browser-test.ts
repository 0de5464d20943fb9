import { expect } from 'chai'

// The origin by name: engines disagree about 'self' in a frame that has no address of its own.
const { origin } = location
const POLICY = `default-src 'none'; script-src ${origin}; style-src ${origin}; img-src ${origin}; require-trusted-types-for 'script'; trusted-types lit-html`

describe('a strict Content Security Policy with Trusted Types', () => {
  it('is not violated, and every style applies', async () => {
    const frame = document.createElement('iframe')
    frame.width = '600'
    const module = new URL('../testing/strict-page.ts', import.meta.url).pathname
    frame.srcdoc = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${POLICY}"><body><script type="module" src="${module}"></script>`
    const report = new Promise<MessageEvent>((resolve) => window.addEventListener('message', resolve, { once: true }))
    document.body.append(frame)
    const { data } = await report
    frame.remove()
    expect(data).to.deep.equal({ violations: [], height: 72, distance: 72 })
  })
})
