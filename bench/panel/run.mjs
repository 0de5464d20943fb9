// npm run bench:panel -- [--rows 10000] [--throttle 4] [--seconds 4] [--only panel,byHand] [--scenes ticking,scrolled,thrown] [--relentless] [--shares] [--profile]
// What a long list costs a page while a hundred uploads tick, beside a windowed list written by hand: in Chromium, by its own trace. Printed, not
// judged: times depend on the machine, and what must hold is in the tests, as counts.
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { fromRoot } from '../../scripts/lib/paths.mjs'
import { bundle, inlinePage, launchChromium, serve } from '../lib/chromium.mjs'

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000' },
    throttle: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '4' },
    only: { type: 'string', default: 'panel,byHand' },
    scenes: { type: 'string', default: 'still,ticking,scrolled,thrown' },
    relentless: { type: 'boolean', default: false },
    shares: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
})
const seconds = Number(values.seconds)

const [script] = await bundle({ entryPoints: [fromRoot('bench', 'panel', 'page.js')], minify: !values.profile })
const site = await serve(inlinePage(script?.text))
const browser = await launchChromium()

/** @param {string} name */
async function measure(name) {
  const context = await browser.newContext({ viewport: { width: 800, height: 900 } })
  const tab = await context.newPage()
  const cdp = await context.newCDPSession(tab)
  /** @param {string} what @param {() => Promise<unknown>} act */
  async function trace(what, act) {
    await browser.startTracing(tab, {
      categories: [
        'devtools.timeline',
        'disabled-by-default-devtools.timeline',
        'disabled-by-default-devtools.timeline.frame',
        'blink.user_timing',
      ],
    })
    if (values.profile) {
      await cdp.send('Profiler.enable')
      await cdp.send('Profiler.setSamplingInterval', { interval: 200 })
      await cdp.send('Profiler.start')
    }
    await tab.evaluate('bench.watchFrames()')
    await act()
    const frames = /** @type {number[]} */ (await tab.evaluate('bench.frames()'))
    if (values.profile) {
      const { profile } = await cdp.send('Profiler.stop')
      await writeFile(`/tmp/bench-panel-${name}-${what}.cpuprofile`, JSON.stringify(profile))
    }
    const { traceEvents } = JSON.parse((await browser.stopTracing()).toString())
    console.log(`  ${what.padEnd(9)} ${summary(frames, traceEvents)}`)
    if (values.shares) console.log(`    ${shares(frames.length, traceEvents)}`)
  }

  await tab.goto(site.url)
  await tab.waitForFunction('globalThis.bench')
  await tab.evaluate(`bench.prepare(${values.rows})`)
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: Number(values.throttle) })
  await tab.evaluate(`bench.mount(${JSON.stringify(name)})`)
  console.log(`${name}, ${values.rows} rows, processor ${values.throttle} times slower`)
  await trace('add', async () => {
    const { took, painted, rows } = await tab.evaluate(`bench.add()`)
    console.log(`  added in ${took.toFixed(0)} ms, painted after ${painted.toFixed(0)} ms, ${rows} rows stand`)
  })
  const wait = () => new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  /** @type {Record<string, () => Promise<unknown>>} */
  const scenes = {
    ticking: wait,
    scrolled: async () => {
      const { x, y } = /** @type {{ x: number, y: number }} */ (await tab.evaluate('bench.box()'))
      await cdp.send('Input.synthesizeScrollGesture', { x, y, yDistance: -2500 * seconds, speed: 2500, gestureSourceType: 'mouse' })
    },
    // As with the thumb of the scrollbar: every frame shows other rows.
    thrown: async () => {
      for (let step = 0; step < seconds * 15; step += 1) {
        await tab.evaluate(`bench.scrollTo(${((step * 7919) % Number(values.rows)) * 72})`)
        await new Promise((resolve) => setTimeout(resolve, 60))
      }
    },
  }
  const wanted = values.scenes.split(',')
  if (wanted.includes('still')) await trace('still', wait)
  await tab.evaluate(`bench.start(${values.relentless})`)
  for (const [scene, act] of Object.entries(scenes)) if (wanted.includes(scene)) await trace(scene, act)
  await context.close()
}

/** @param {number[]} frames @param {any[]} events */
function summary(frames, events) {
  const sorted = [...frames].sort((a, b) => a - b)
  const at = (/** @type {number} */ share) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1)
  const elapsed = frames.reduce((sum, frame) => sum + frame, 0)
  // The main thread of the page is the one that lays out most.
  const tasks = events.filter(({ name, ph }) => name === 'RunTask' && ph === 'X')
  const main = busiest(events.filter(({ name }) => name === 'FunctionCall' || name === 'FireAnimationFrame'))
  const own = tasks.filter(({ pid, tid }) => `${pid}/${tid}` === main)
  const count = (/** @type {string} */ name) =>
    events.filter((event) => event.name === name && (event.ph === 'X' || event.ph === 'B')).length
  const spent = (/** @type {string} */ name) =>
    events.reduce((sum, event) => sum + (event.name === name && event.ph === 'X' ? time(event) : 0), 0)
  const perFrame = (/** @type {number} */ ms) => (ms / Math.max(1, frames.length)).toFixed(2)
  const perSecond = (/** @type {number} */ count) => ((count / Math.max(1, elapsed)) * 1000).toFixed(0)
  const busy = own.reduce((sum, event) => sum + time(event), 0)
  return [
    `${perSecond(frames.length)} fps of the page's, ${perSecond(events.filter(({ name }) => name === 'DrawFrame').length)} drawn, ${events.filter(({ name }) => name === 'DroppedFrame').length} dropped`,
    `frame p50 ${at(0.5)} p95 ${at(0.95)} max ${at(1)} ms`,
    `main ${perFrame(busy)} ms/frame, ${((busy / Math.max(1, elapsed)) * 1000).toFixed(0)} ms/s`,
    `layouts ${count('Layout')} (${perFrame(spent('Layout'))} ms/frame)`,
    `styles ${count('UpdateLayoutTree')} (${perFrame(spent('UpdateLayoutTree'))})`,
    `paints ${count('Paint')} (${perFrame(spent('Paint'))})`,
    `long tasks ${own.filter((event) => time(event) > 50).length}`,
    `longest ${Math.max(0, ...own.map(time)).toFixed(0)} ms`,
  ].join(' · ')
}

/** What the time of a frame goes to, without what happens inside it. @param {number} frames @param {any[]} events */
function shares(frames, events) {
  const main = busiest(events.filter(({ name }) => name === 'FunctionCall' || name === 'FireAnimationFrame'))
  const own = events.filter(({ pid, tid, ph }) => ph === 'X' && `${pid}/${tid}` === main).sort((a, b) => a.ts - b.ts || b.dur - a.dur)
  /** @type {Map<string, number>} */
  const spent = new Map()
  /** @type {any[]} */
  const open = []
  for (const event of own) {
    while (open.length > 0 && open.at(-1).ts + open.at(-1).dur <= event.ts) open.pop()
    const outer = open.at(-1)
    if (outer) spent.set(outer.name, (spent.get(outer.name) ?? 0) - time(event))
    spent.set(event.name, (spent.get(event.name) ?? 0) + time(event))
    open.push(event)
  }
  const most = [...spent].sort(([, a], [, b]) => b - a).slice(0, 14)
  return most.map(([name, ms]) => `${name} ${(ms / Math.max(1, frames)).toFixed(2)}`).join(' · ')
}

/** Milliseconds that the thread itself worked: on a machine with other work, less than went by. @param {any} event */
function time({ tdur, dur = 0 }) {
  return (tdur ?? dur) / 1000
}

/** @param {any[]} events */
function busiest(events) {
  /** @type {Map<string, number>} */
  const counts = new Map()
  for (const { pid, tid } of events) counts.set(`${pid}/${tid}`, (counts.get(`${pid}/${tid}`) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0]
}

try {
  for (const name of values.only.split(',')) await measure(name)
} finally {
  await browser.close()
  site.close()
}
