import { randomBytes } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'
import { isNodeError } from '../node-error.js'

const SECRET = /^[0-9a-f]{64}$/

/** Reads the secret that URLs are signed with, or makes it: kept with the files, so that URLs outlive a restart. */
export async function loadSecret(path: string): Promise<string> {
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      const secret = randomBytes(32).toString('hex')
      await file.writeFile(secret)
      await file.sync()
      return secret
    } finally {
      await file.close()
    }
  } catch (error) {
    if (!isNodeError(error, 'EEXIST')) throw error
  }
  const secret = (await readFile(path, 'utf8')).trim()
  if (!SECRET.test(secret))
    throw new Error(`The file ${path} does not hold a secret of this storage. Delete it: URLs signed before will then be refused.`)
  return secret
}
