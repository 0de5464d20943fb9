/** The module of a page under a strict Content Security Policy: shows a panel in every state, and reports what the policy refused. */
const violations: string[] = []
document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  violations.push(`${violatedDirective} ${blockedURI}`),
)

const { mountPanel } = await import('./panel-harness.js')
const harness = await mountPanel()
const [id = ''] = await harness.add('a.txt', 'b.txt')
await harness.set(id, { phase: 'uploading', sentBytes: 3 })
await harness.set(id, { phase: 'completed', result: { thumbnailUrl: new URL('./pixel.png', import.meta.url).href } })
harness.panel.collapse()
await harness.settle()
harness.panel.expand()
await harness.settle()

const floating = await mountPanel({ attributes: { placement: 'floating' } })
floating.button('Move to the next corner').click()
await floating.settle()

const { statusHarness } = await import('./status-harness.js')
await Promise.all([import('../sync-status.js'), import('../upload-progress.js')])
const status = statusHarness()
for (const variant of ['full', 'compact', 'floating'] as const)
  document.body.append(Object.assign(document.createElement('sync-status'), { variant, monitor: status.monitor }))
document.body.append(Object.assign(document.createElement('upload-progress'), { uploadId: 'a', monitor: status.monitor }))
await status.connect()
await status.say('a', { progress: 50 })
document.querySelector('sync-status[variant=compact]')?.shadowRoot?.querySelector('button')?.click()
await harness.settle()

const height = harness.rows()[0]?.element.getBoundingClientRect().height
const second = harness.rows()[1]?.element.getBoundingClientRect().top ?? 0
const first = harness.rows()[0]?.element.getBoundingClientRect().top ?? 0
// A tick later, since violations are reported in tasks of their own.
setTimeout(() => parent.postMessage({ violations, height, distance: second - first }, '*'))
