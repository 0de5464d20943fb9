import { statfs } from 'node:fs/promises'
import { MIB } from '../support/files.js'

/** Ends a test at once that would fill the disk, and says so: in the middle of it uploads would wait for room, for as long as the test lasts. */
export async function requireRoom(directory: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory)
  const mebibytes = (size: number) => `${Math.ceil(size / MIB)} MiB`
  if (bavail * bsize < bytes)
    throw new Error(`This needs ${mebibytes(bytes)} of disk in ${directory}, and ${mebibytes(bavail * bsize)} are free.`)
}
