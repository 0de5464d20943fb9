import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

export { compile } from '../../../../scripts/services/compile.js'

/** A program of this package as a process of its own, which can really be killed. */
export interface Program {
  /** What it has printed, standard error included. */
  output(): string
  /** The first match in its output, now or later; throws where it ends without one. */
  prints(pattern: RegExp): Promise<RegExpExecArray>
  /** Sends a signal and waits for the end; answers the exit code, or the signal where it has none. */
  stop(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>
  /** Waits for the end. */
  readonly exit: Promise<number | NodeJS.Signals | null>
}

export function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
  const child: ChildProcess = spawn(process.execPath, [file, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const looks = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += String(chunk)
      for (const look of looks) look()
    })
  }
  const exit = once(child, 'close').then(([code, signal]: unknown[]) => (code ?? signal ?? null) as number | NodeJS.Signals | null)
  return {
    output: () => output,
    exit,
    prints: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output)
          if (match === null) return
          looks.delete(look)
          resolve(match)
        }
        looks.add(look)
        look()
        void exit.then((code) => reject(new Error(`The program ended (${String(code)}) without printing ${String(pattern)}: ${output}`)))
      }),
    async stop(signal) {
      child.kill(signal)
      return exit
    },
  }
}
