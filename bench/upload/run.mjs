// npm run bench:upload -- [--files 1000] [--bytes 1024] [--rounds 5] [--throttle 1] [--only bareXhr,engine,panel]
// What uploads cost the page's main thread, beside a bare XMLHttpRequest a file, in Chromium and over HTTP/1.1. Processor time of the thread, not time that
// goes by: on a machine with other work only that, and the ratio within one round, mean something.
import { parseArgs } from 'node:util'
import { fromRoot } from '../../scripts/lib/paths.mjs'
import { bundle, launchChromium, serve } from '../lib/chromium.mjs'

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '1000' },
    bytes: { type: 'string', default: '1024' },
    rounds: { type: 'string', default: '5' },
    throttle: { type: 'string', default: '1' },
    only: { type: 'string', default: 'bareXhr,engine,panel' },
  },
})
const names = values.only.split(',')

const files = await bundle({
  // The engine looks for the Worker's file beside its own.
  entryPoints: [
    { in: fromRoot('bench', 'upload', 'page.js'), out: 'page' },
    { in: fromRoot('packages', 'core', 'src', 'http', 'transfer-worker.ts'), out: 'transfer-worker' },
  ],
  outdir: '/',
})
const scripts = new Map(files.map(({ path, text }) => [path, text]))
const page = '<!doctype html><html lang="en"><meta charset="utf-8"><title>bench</title><body><script type="module" src="/page.js"></script>'
const site = await serve((request, response) => {
  if (request.method === 'PUT') {
    request.resume().on('end', () => response.end())
    return
  }
  const script = scripts.get(request.url ?? '')
  response.writeHead(200, { 'content-type': script === undefined ? 'text/html' : 'text/javascript' }).end(script ?? page)
})
const browser = await launchChromium()

/** Milliseconds of the main thread: to add the files and show them, and to upload them. @param {string} name */
async function measure(name) {
  const context = await browser.newContext({ viewport: { width: 800, height: 900 } })
  const tab = await context.newPage()
  const cdp = await context.newCDPSession(tab)
  await tab.goto(site.url)
  await tab.waitForFunction('globalThis.bench')
  await tab.evaluate(`bench.prepare(${values.files}, ${values.bytes})`)
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: Number(values.throttle) })
  await tab.evaluate(`bench.mount(${JSON.stringify(name)})`)
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
  const spent = async () => {
    const { metrics } = await cdp.send('Performance.getMetrics')
    return (metrics.find((metric) => metric.name === 'ThreadTime')?.value ?? 0) * 1000
  }
  const began = await spent()
  await tab.evaluate('bench.add()')
  const added = await spent()
  await tab.evaluate('bench.upload()')
  const uploaded = await spent()
  await context.close()
  return { add: added - began, upload: uploaded - added }
}

/** @param {readonly number[]} numbers */
const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0

try {
  console.log(`${values.files} files of ${values.bytes} bytes, ${values.rounds} rounds, processor ${values.throttle} times slower; medians`)
  /** @type {Map<string, { add: number, upload: number }>[]} */
  const rounds = []
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const results = new Map()
    for (const name of names) results.set(name, await measure(name))
    rounds.push(results)
  }
  for (const name of names) {
    const of = (/** @type {'add' | 'upload'} */ what) => rounds.map((round) => round.get(name)?.[what] ?? 0)
    const ratios = rounds.map((round) => (round.get(name)?.upload ?? 0) / (round.get(names[0] ?? '')?.upload ?? 1))
    console.log(
      `  ${name.padEnd(10)} added and painted: ${median(of('add')).toFixed(0)} ms · uploaded: ${median(of('upload')).toFixed(0)} ms, ${median(ratios).toFixed(2)} of ${names[0]}`,
    )
  }
} finally {
  await browser.close()
  site.close()
}
