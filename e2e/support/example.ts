import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../scripts/lib/free-port.mjs'

/** A program of an example, or of a tool that runs it. */
export interface Running {
  readonly url: string
  output(): string
  stop(): Promise<void>
}

export const exampleFolder = (name: string) => fileURLToPath(new URL(`../../examples/${name}/`, import.meta.url))

/** A program of a package that is installed. */
export const tool = (name: string, program: string) => join(createRequire(import.meta.url).resolve(`${name}/package.json`), '..', program)

/** Runs a program to its end. Throws what it printed where that is not a good one. */
export async function runToEnd(args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, CI: '1' }, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = read(child)
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${output()}`)
}

/** Starts a program that listens on `PORT`, and waits until it answers. */
export async function startProgram(
  args: (port: number) => readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<Running> {
  const port = await freePort()
  const child = spawn(process.execPath, args(port), {
    cwd,
    env: { ...process.env, ...env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = read(child)
  const closed = once(child, 'close')
  const url = `http://127.0.0.1:${port}`
  for (;;) {
    const isUp = await fetch(url).then(
      () => true,
      () => false,
    )
    if (isUp) break
    if (child.exitCode !== null) throw new Error(`${args(port).join(' ')} ended with ${child.exitCode}:\n${output()}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return {
    url,
    output,
    async stop() {
      child.kill('SIGTERM')
      await closed
    },
  }
}

function read(child: ChildProcess): () => string {
  let text = ''
  const add = (chunk: Buffer) => {
    text += chunk.toString()
  }
  child.stdout?.on('data', add)
  child.stderr?.on('data', add)
  return () => text
}
