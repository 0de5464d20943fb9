// Run in the browser by run.mjs.
import { subjects } from './subjects.js'

/** @type {import('./subjects.js').Subject} */
let subject
/** @type {File[]} */
let files = []
/** @type {number[]} */
let frames = []

const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))

const bench = {
  /** @param {string} name */
  async mount(name) {
    const make = subjects[name]
    if (!make) throw new Error(`There is no ${name}.`)
    subject = make()
    const box = document.createElement('div')
    box.style.width = '400px'
    box.append(subject.element)
    document.body.append(box)
    await painted()
    await painted()
  },
  /** Made beforehand: thousands of `File` objects take a browser seconds. @param {number} count */
  prepare(count) {
    const content = new Blob(['x'.repeat(1000)])
    files = Array.from({ length: count }, (_, index) => new File([content], `holiday in the mountains ${index}.jpg`))
  },
  /** Milliseconds from the call until what it shows is painted. */
  async add() {
    await painted()
    const began = performance.now()
    subject.add(files)
    const took = performance.now() - began
    await painted()
    return { took, painted: performance.now() - began, rows: subject.rows() }
  },
  /**
   * As the Worker brings it: a browser lets each request tell its progress ten times a second, and what comes within 50 ms is one message.
   * So half of the uploads speak at a time. With `isRelentless` all of them do, at each frame.
   * @param {boolean} isRelentless
   */
  async start(isRelentless) {
    subject.start()
    while (subject.running() < 100) await new Promise((resolve) => setTimeout(resolve, 100))
    let round = 0
    const tick = () => {
      subject.tick(isRelentless ? undefined : (round += 1) % 2)
      if (isRelentless) requestAnimationFrame(tick)
    }
    if (isRelentless) tick()
    else setInterval(tick, 50)
  },
  box() {
    const { left, top, width, height } = subject.scroller().getBoundingClientRect()
    return { x: left + width / 2, y: top + height / 2 }
  },
  place: () => subject.scroller().scrollTop,
  /** @param {number} top */
  scrollTo(top) {
    subject.scroller().scrollTop = top
  },
  watchFrames() {
    frames = []
    const watch = (/** @type {number} */ at) => {
      frames.push(at)
      watching = requestAnimationFrame(watch)
    }
    let watching = requestAnimationFrame(watch)
    bench.frames = () => {
      cancelAnimationFrame(watching)
      return frames.slice(1).map((at, index) => at - (frames[index] ?? at))
    }
  },
  /** @returns {number[]} */
  frames: () => [],
}

Object.assign(globalThis, { bench })
