/** The module of a page under a strict Content Security Policy: every element, in a language that is loaded, one with an uploader of its own that keeps its queue. */
const violations: string[] = []
document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  violations.push(`${violatedDirective} ${blockedURI}`),
)

await import('../index.js')
const names = ['upload-panel', 'upload-dropzone', 'upload-queue', 'upload-progress', 'sync-status'] as const
document.documentElement.lang = 'de'
for (const name of names) {
  const element = document.createElement(name)
  element.setAttribute('endpoint', '/nowhere')
  element.setAttribute('realtime', 'none')
  if (name === 'upload-panel') element.setAttribute('persist', 'strict-elements')
  document.body.append(element)
}
document.querySelector('upload-panel')?.addFiles([new File(['x'], 'a.txt')])

const isGerman = () => names.every((name) => document.querySelector(name)?.shadowRoot?.querySelector('[lang=de]') != null)
for (let tries = 0; tries < 200 && !isGerman(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 25))
const silent = names.filter((name) => document.querySelector(name)?.shadowRoot?.querySelector('[lang=de]') == null)
// Later, since violations are reported in tasks of their own, and what is kept is kept after a while.
setTimeout(() => parent.postMessage({ violations, silent }, '*'), 500)
