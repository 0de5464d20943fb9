import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { temporaryDirectory } from './harness.js'

const run = promisify(execFile)

/** A file system of its own with so much room, in memory; `undefined` where this process may not mount one. */
export async function smallDisk(bytes: number): Promise<{ readonly path: string; remove(): Promise<void> } | undefined> {
  const directory = await temporaryDirectory()
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', directory.path])
  } catch {
    await directory.remove()
    return undefined
  }
  return {
    path: directory.path,
    async remove() {
      await run('umount', ['-l', directory.path])
      await directory.remove()
    },
  }
}
