import { UploadError } from '@upload-panel/core'
import { expect } from 'chai'
import '../index.js'
import { lookAsIn } from '../testing/in-media.js'
import { mountElement, unmountElements } from '../testing/mount-element.js'
import { scriptedUploader } from '../testing/scripted-uploader.js'

const FINGER = 44

/** Everything in a tree and in the shadow trees below it. */
function deep(root: ParentNode): readonly Element[] {
  return Array.from(root.querySelectorAll('*')).flatMap((element) => [element, ...(element.shadowRoot ? deep(element.shadowRoot) : [])])
}

const frames = async (count = 4) => {
  for (let frame = 0; frame < count; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve))
}

function someFiles() {
  const uploader = scriptedUploader()
  const [first = '', second = '', third = ''] = uploader.add(
    ['a.txt', 'b.txt', 'c.txt', 'd.txt'].map((name) => new File(['content'], name)),
  )
  uploader.set(first, { phase: 'uploading', sentBytes: 3, bytesPerSecond: 10, secondsLeft: 20 })
  uploader.set(second, { phase: 'failed', by: 'self', error: new UploadError('network', 'The connection was lost.') })
  uploader.set(third, { phase: 'processing', overdue: false })
  return { uploader, first }
}

/** Each element in its shapes, with files in different phases. */
const SHAPES: Readonly<Record<string, () => HTMLElement>> = {
  'a panel in the page': () => Object.assign(mountElement('upload-panel', { placement: 'inline' }), { uploader: someFiles().uploader }),
  'a floating panel': () => Object.assign(mountElement('upload-panel', { remember: 'off' }), { uploader: someFiles().uploader }),
  'a collapsed panel': () =>
    Object.assign(mountElement('upload-panel', { collapsed: '', remember: 'off' }), { uploader: someFiles().uploader }),
  'a drop zone': () => mountElement('upload-dropzone', {}),
  'a queue': () => Object.assign(mountElement('upload-queue', {}), { uploader: someFiles().uploader }),
  'one upload': () => {
    const { uploader, first } = someFiles()
    return Object.assign(mountElement('upload-progress', { 'upload-id': first }), { uploader })
  },
  'the status in full': () => mountElement('sync-status', { variant: 'full' }),
  'the status in a line': () => mountElement('sync-status', { variant: 'compact' }),
  'the status in a corner': () => mountElement('sync-status', { variant: 'floating' }),
}

afterEach(unmountElements)

for (const [shape, mount] of Object.entries(SHAPES)) {
  it(`${shape} has room for a finger on everything that can be pressed`, async () => {
    const element = mount()
    await frames()
    lookAsIn('(pointer: coarse)', document.body)
    await frames()
    const controls = deep(element.shadowRoot as ShadowRoot).filter(
      (each) => each.matches('button, a[href], summary') && each.checkVisibility({ visibilityProperty: true }),
    )
    expect(controls.length).to.be.greaterThan(shape === 'one upload' ? 1 : 0)
    const small = controls.filter((control) => {
      const { width, height } = control.getBoundingClientRect()
      const reach = Number.parseFloat(getComputedStyle(control, '::after').insetBlockStart)
      // What reaches beyond its edges does so from within its border.
      const beyond = control.matches('.details-button, .copy-button') ? 2 * (-reach - 1) : 0
      return Math.round(width + beyond) < FINGER || Math.round(height + beyond) < FINGER
    })
    expect(small.map((control) => control.outerHTML.slice(0, 120))).to.deep.equal([])
  })

  it(`${shape} moves nothing where motion is not wanted`, async () => {
    const element = mount()
    await frames()
    lookAsIn('(prefers-reduced-motion: reduce)', document.body)
    await frames()
    const moving = [element, ...deep(element.shadowRoot as ShadowRoot)].filter((each) =>
      [undefined, '::before', '::after'].some((pseudo) => {
        const { animationName, transitionDuration, transitionProperty } = getComputedStyle(each, pseudo)
        const isGliding = transitionProperty !== 'none' && transitionDuration.split(',').some((time) => Number.parseFloat(time) > 0.01)
        return animationName !== 'none' || isGliding
      }),
    )
    expect(moving.map((each) => each.className)).to.deep.equal([])
  })
}
