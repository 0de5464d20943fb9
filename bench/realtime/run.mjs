// npm run bench:realtime -- [--rate 10000] [--seconds 60] [--rounds 1] [--only sse,stomp] [--rows]
// What a page pays for words that come thick and fast, beside one that only takes them (in parentheses) from a socket or a bare client:
// in one run, in turn, in Chromium. Processor time of the main thread.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { fromRoot } from '../../scripts/lib/paths.mjs'
import { bundle, inlinePage, launchChromium, serve } from '../lib/chromium.mjs'

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '1' },
    only: { type: 'string' },
    rows: { type: 'boolean', default: false },
  },
})
const rate = Number(values.rate)
const seconds = Number(values.seconds)

const [script] = await bundle({ entryPoints: [fromRoot('bench', 'realtime', 'page.js')] })
const site = await serve(inlinePage(script?.text))
const browser = await launchChromium(['--enable-precise-memory-info', '--js-flags=--expose-gc'])

/** @param {string} name */
async function measure(name) {
  const emitter = fork(fromRoot('bench', 'realtime', 'emitter.mjs'))
  const [{ port }] = await once(emitter, 'message')
  const base = `http://127.0.0.1:${port}`
  const context = await browser.newContext()
  const tab = await context.newPage()
  const cdp = await context.newCDPSession(tab)
  try {
    await tab.goto(site.url)
    await tab.evaluate(`start(${JSON.stringify(base)}, ${JSON.stringify(name)}, ${values.rows})`)
    await tab.waitForFunction('bench.isReady()', undefined, { timeout: 30_000 })
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
    /** @param {number} count */
    const received = (count) =>
      tab.waitForFunction(`bench.last() >= ${count - 200}`, undefined, { timeout: (seconds + 120) * 1000, polling: 100 })
    const heap = async () => {
      await tab.evaluate('gc()')
      return (await cdp.send('Runtime.getHeapUsage')).usedSize
    }
    const tasks = async () => {
      const { metrics } = await cdp.send('Performance.getMetrics')
      return metrics.find((metric) => metric.name === 'TaskDuration')?.value ?? 0
    }
    // What is compiled and cached once is no growth.
    await fetch(`${base}/emit?rate=${rate}&seconds=2`)
    await received(rate * 2)
    const [heapBefore, busyBefore] = [await heap(), await tasks()]
    await tab.evaluate('frames.length = 0')
    await fetch(`${base}/emit?rate=${rate}&seconds=${seconds}`)
    await received(rate * (2 + seconds))
    const busy = (await tasks()) - busyBefore
    /** @type {readonly number[]} */
    const frames = await tab.evaluate('frames')
    const gaps = frames.slice(1).map((at, index) => at - (frames[index] ?? 0))
    const growth = (await heap()) - heapBefore
    return {
      name,
      busy: (busy / seconds) * 100,
      growth: growth / 2 ** 20,
      fps: (gaps.length / gaps.reduce((sum, gap) => sum + gap, 0)) * 1000,
      late: (gaps.filter((gap) => gap > 34).length / gaps.length) * 100,
    }
  } finally {
    await context.close()
    emitter.kill()
  }
}

const names = ['(socket)', ...(values.only?.split(',') ?? ['sse', 'socket-io', 'stomp', 'supabase']).flatMap((name) => [`(${name})`, name])]
console.log(`${rate} words a second about 100 operations, for ${seconds} s; ${values.rows ? 'a row for each' : 'nothing shown'}`)
console.log('                 main thread   heap growth   frames/s   late frames')
for (let round = 0; round < Number(values.rounds); round += 1) {
  for (const name of names) {
    const { busy, growth, fps, late } = await measure(name)
    console.log(
      `${name.padEnd(16)} ${busy.toFixed(2).padStart(7)} %    ${growth.toFixed(2).padStart(7)} MiB   ${fps.toFixed(1).padStart(7)}   ${late.toFixed(1).padStart(6)} %`,
    )
  }
}
await browser.close()
site.close()
