import { spawn } from 'node:child_process'
import { startDisplay } from './display.mjs'

/** How long the driver may take to answer, milliseconds. */
const START_DEADLINE_MS = 20_000

/**
 * Starts WebKitWebDriver on a virtual display; resolves once it takes sessions. Both end with {@link WebKitDriver.stop}, or with this process.
 * @param {import('./find.mjs').WebKit} webkit
 * @param {number} port of 127.0.0.1
 * @returns {Promise<{ stop: () => void }>}
 */
export async function startWebKitDriver({ display, driver }, port) {
  const screen = await startDisplay(display)
  const child = spawn(driver, [`--port=${port}`, '--host=127.0.0.1'], { stdio: 'ignore', env: { ...process.env, DISPLAY: screen.name } })
  const stop = () => {
    child.kill()
    screen.stop()
  }
  process.once('exit', stop)
  try {
    await untilReady(`http://127.0.0.1:${port}/status`)
  } catch (error) {
    stop()
    throw error
  }
  return { stop }
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
