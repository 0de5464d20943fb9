import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A program that runs beside the tests. */
export interface Daemon {
  /** Waits until a check passes. @throws when the program ends before, or takes too long and is ended */
  ready(check: () => Promise<boolean>): Promise<void>
  /** Ends it, at once by default: nothing that it holds is of worth. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Sends it a signal that does not end it: `SIGSTOP` holds it still until `SIGCONT`. */
  signal(signal: NodeJS.Signals): void
  /** It has ended, and all that it printed has been read. */
  readonly closed: Promise<void>
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
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  let endedBy: string | undefined
  const ended = new Promise<void>((resolve) => {
    const settle = (reason: string) => {
      endedBy = reason
      resolve()
    }
    child.once('error', (error) => settle(error.message))
    child.once('exit', (code, signal) => settle(`ended with ${signal ?? code}`))
  })

  async function kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (endedBy !== undefined) return
    child.kill(signal)
    await ended
  }

  return {
    async ready(check) {
      const giveUpAt = performance.now() + START_MS
      while (!(await check())) {
        const problem = endedBy ?? (performance.now() > giveUpAt ? `was not ready after ${START_MS / 1000} s` : undefined)
        if (problem !== undefined) {
          await kill()
          throw new Error(`${command} ${problem}:\n${lastLines.join('\n')}`)
        }
        await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      }
    },
    kill,
    signal: (signal) => void child.kill(signal),
    closed,
  }
}
