import { spawn, spawnSync } from 'node:child_process'
import { constants } from 'node:os'
import { stripVTControlCharacters } from 'node:util'

/**
 * @typedef {object} ChildResult
 * @property {number} code exit code; 128 + number when a signal ended it; 127 when it could not be started
 * @property {string} output stdout and stderr in the order of arrival, without colours, at most the last {@link OUTPUT_LIMIT} characters
 * @property {boolean} timedOut
 */

/**
 * @typedef {object} ChildOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {boolean} [inherit] shows the output instead of collecting it
 * @property {boolean} [isShown] shows the output as well, as it comes
 * @property {number} [timeoutMs]
 * @property {boolean} [shell]
 */

const OUTPUT_LIMIT = 4_000_000
const IS_WINDOWS = process.platform === 'win32'

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()

/** @type {NodeJS.Signals | undefined} */
let stoppedBy

/**
 * Runs a program to its end. It leads a process group of its own, so that stopping it also stops the browsers and servers it started.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {ChildOptions} [options]
 * @returns {Promise<ChildResult>}
 */
export function runChild(command, args, { cwd, env, inherit = false, isShown = false, timeoutMs, shell = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env,
      shell,
      stdio: ['ignore', inherit ? 'inherit' : 'pipe', inherit ? 'inherit' : 'pipe'],
      detached: !IS_WINDOWS,
    })
    running.add(child)
    let output = ''
    let timedOut = false
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => ((timedOut = true), stopChild(child)), timeoutMs)
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-OUTPUT_LIMIT)
        if (isShown) process.stdout.write(text)
      })
    }
    /** @param {number} code */
    const settle = (code) => {
      clearTimeout(timer)
      running.delete(child)
      exitWhenStopped()
      resolve({ code, output: stripVTControlCharacters(output), timedOut })
    }
    child.once('error', (error) => {
      output += `${error.message}\n`
      settle(127)
    })
    child.once('close', (code, signal) => settle(code ?? 128 + constants.signals[signal ?? 'SIGTERM']))
  })
}

/** @param {import('node:child_process').ChildProcess} child @param {NodeJS.Signals} [signal] */
function stopChild(child, signal = 'SIGKILL') {
  if (child.pid === undefined || child.exitCode !== null) return
  if (IS_WINDOWS) spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F'], { stdio: 'ignore' })
  else signalGroup(child.pid, signal)
}

/** @param {number} pid @param {NodeJS.Signals} signal */
function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    // The group may have ended by itself a moment ago.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error
  }
}

/**
 * Hands Ctrl+C and a service manager's stop to every running child, which have groups of their own and would not hear of it; once they have
 * ended, so does this process. The second signal stops them the hard way.
 */
export function forwardSignals() {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      for (const child of running) stopChild(child, stoppedBy ? 'SIGKILL' : signal)
      stoppedBy = signal
      exitWhenStopped()
    })
  }
  process.on('exit', () => running.forEach((child) => stopChild(child)))
}

function exitWhenStopped() {
  if (stoppedBy !== undefined && running.size === 0) process.exit(128 + constants.signals[stoppedBy])
}
