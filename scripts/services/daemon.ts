import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A program that runs beside the tests. */
export interface Daemon {
  readonly isRunning: boolean
  /** Waits until a check passes. @throws when the program ends before, or takes too long */
  ready(check: () => Promise<boolean>): Promise<void>
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<void>
}

/** Far above what any server here takes, on any machine. */
const START_MS = 60_000
/** How often a condition is looked at that nothing tells of. */
const POLL_MS = 25
const KEPT_LINES = 20

/**
 * Starts a program of Linux that stays in the foreground. The kernel ends it when this process dies, however that happens: a test run that is
 * killed leaves nothing behind.
 */
export function startDaemon(command: string, args: readonly string[], log: (line: string) => void = () => {}): Daemon {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const lastLines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      log(`${command}: ${line}`)
      lastLines.push(line)
      if (lastLines.length > KEPT_LINES) lastLines.shift()
    })
  }
  let isRunning = true
  let reason = ''
  const ended = new Promise<void>((resolve) => {
    const settle = (why: string) => {
      isRunning = false
      reason = why
      resolve()
    }
    child.once('error', (error) => settle(error.message))
    child.once('exit', (code, signal) => settle(`it ended with ${signal ?? code}`))
  })

  return {
    get isRunning() {
      return isRunning
    },
    async ready(check) {
      const giveUpAt = performance.now() + START_MS
      while (!(await check())) {
        if (performance.now() > giveUpAt) throw new Error(`${command} is not ready after ${START_MS / 1000} s:\n${lastLines.join('\n')}`)
        if (!isRunning) throw new Error(`${command} did not start, ${reason}:\n${lastLines.join('\n')}`)
        await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      }
    },
    async end(signal) {
      if (!isRunning) return
      child.kill(signal)
      await ended
    },
  }
}
