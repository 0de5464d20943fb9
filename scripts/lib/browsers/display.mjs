import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** How long Xvfb may take, milliseconds. */
const START_DEADLINE_MS = 20_000

/**
 * A screen that nobody sees, for browsers with windows. It ends with {@link Display.stop}, or with this process.
 * @typedef {object} Display
 * @property {string} name for the variable DISPLAY
 * @property {() => void} stop
 */

/**
 * @param {string} xvfb
 * @returns {Promise<Display>}
 */
export async function startDisplay(xvfb) {
  // It picks a free number by itself and writes it once it is ready.
  const screen = spawn(xvfb, ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const stop = () => void screen.kill()
  process.once('exit', stop)
  try {
    return { name: `:${await firstLine(screen)}`, stop }
  } catch (error) {
    stop()
    throw error
  }
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
