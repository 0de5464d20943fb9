import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** How long Xvfb and the driver may take to answer, milliseconds. */
const START_DEADLINE_MS = 20_000

/**
 * Starts WebKitWebDriver on a virtual display; resolves once it takes sessions. Both end with {@link WebKitDriver.stop}, or with this process.
 * @param {import('./find.mjs').WebKit} webkit
 * @param {number} port of 127.0.0.1
 * @returns {Promise<{ stop: () => void }>}
 */
export async function startWebKitDriver({ display, driver }, port) {
  /** @type {import('node:child_process').ChildProcess[]} */
  const children = []
  const stop = () => children.splice(0).forEach((child) => child.kill())
  process.once('exit', stop)
  try {
    // Xvfb picks a free display by itself and writes its number once it is ready.
    const screen = spawn(display, ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    })
    children.unshift(screen)
    const number = await firstLine(screen)
    children.unshift(
      spawn(driver, [`--port=${port}`, '--host=127.0.0.1'], { stdio: 'ignore', env: { ...process.env, DISPLAY: `:${number}` } }),
    )
    await untilReady(`http://127.0.0.1:${port}/status`)
  } catch (error) {
    stop()
    throw error
  }
  return { stop }
}

/** @param {import('node:child_process').ChildProcess} screen @returns {Promise<string>} */
async function firstLine(screen) {
  const pipe = /** @type {import('node:stream').Readable} */ (screen.stdio[3])
  const signal = AbortSignal.timeout(START_DEADLINE_MS)
  const ended = Promise.race([once(screen, 'exit', { signal }), once(screen, 'error', { signal })]).then(() => {
    throw new Error('Xvfb ended before it was ready: run it by hand to see why.')
  })
  const [chunk] = await Promise.race([once(pipe, 'data', { signal }), ended])
  return String(chunk).trim()
}

/** @param {string} url */
async function untilReady(url) {
  const signal = AbortSignal.timeout(START_DEADLINE_MS)
  while (!signal.aborted) {
    const response = await fetch(url, { signal }).catch(() => undefined)
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('WebKitWebDriver did not answer: run it by hand to see why.')
}
