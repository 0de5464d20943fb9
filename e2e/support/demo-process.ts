import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const SERVER = fileURLToPath(new URL('../../examples/demo/server.mjs', import.meta.url))
const SHIFTED_CLOCK = new URL('./shifted-clock.mjs', import.meta.url).href

/** The demo's server as `npm start` runs it: a process of its own, with a data folder of its own. */
export interface Demo {
  /** Without a slash at the end. */
  readonly url: string
  readonly dataDirectory: string
  /** Ends the process at once, as a crash does. */
  kill(): Promise<void>
  /** Asks the process to end, and answers its exit code. */
  terminate(): Promise<number | null>
  /** Starts it again on the same port and data; where hours are given, it believes that so many have passed. */
  restart(options?: { readonly hoursLater?: number }): Promise<void>
  /** What it has printed so far. */
  output(): string
  /** Ends the process and deletes its data. */
  dispose(): Promise<void>
}

export async function startDemo(): Promise<Demo> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'upload-panel-e2e-'))
  let output = ''
  let port = '0'
  let url = ''
  let child: ChildProcess

  async function start({ hoursLater = 0 } = {}): Promise<void> {
    const env = {
      ...process.env,
      PORT: port,
      HOST: '127.0.0.1',
      UPLOAD_PANEL_DATA: dataDirectory,
      CLOCK_SHIFT_MS: String(hoursLater * 3_600_000),
    }
    child = spawn(process.execPath, ['--import', SHIFTED_CLOCK, SERVER], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const started = child
    let printed = ''
    url = await new Promise<string>((resolve, reject) => {
      const read = (chunk: Buffer) => {
        output += chunk.toString()
        printed += chunk.toString()
        const address = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)
        if (address !== null) resolve(address[0])
      }
      started.stdout?.on('data', read)
      started.stderr?.on('data', read)
      started.once('error', reject)
      started.once('exit', (code, signal) =>
        reject(new Error(`The demo's server ended with ${signal ?? code} before it listened:\n${printed}`)),
      )
    })
    port = new URL(url).port
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    const exited = once(child, 'exit') as Promise<[number | null]>
    child.kill(signal)
    const [code] = await exited
    return code
  }

  await start()
  return {
    get url() {
      return url
    },
    dataDirectory,
    kill: async () => void (await end('SIGKILL')),
    terminate: () => end('SIGTERM'),
    restart: start,
    output: () => output,
    async dispose() {
      await end('SIGKILL')
      await rm(dataDirectory, { recursive: true, force: true })
    },
  }
}
