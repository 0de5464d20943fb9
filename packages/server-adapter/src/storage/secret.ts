import { randomBytes } from 'node:crypto'
import { link, open, readFile, rm } from 'node:fs/promises'
import { isNodeError } from '../node-error.js'
import { sizeOfFile } from './files.js'

const SECRET = /^[0-9a-f]{64}$/

/** Reads the secret that URLs are signed with, or makes it: kept with the files, so that URLs outlive a restart. */
export async function loadSecret(path: string): Promise<string> {
  if ((await sizeOfFile(path)) === undefined) await makeSecret(path)
  const secret = (await readFile(path, 'utf8')).trim()
  if (!SECRET.test(secret))
    throw new Error(`The file ${path} does not hold a secret of this storage. Delete it: URLs signed before will then be refused.`)
  return secret
}

/** Written beside its place and then given its name: what a crash or a full disk leaves is never half a secret. The first of two that do so wins. */
async function makeSecret(path: string): Promise<void> {
  const draft = `${path}.${randomBytes(8).toString('hex')}`
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(randomBytes(32).toString('hex'))
      await file.sync()
    } finally {
      await file.close()
    }
    await link(draft, path)
  } catch (error) {
    if (!isNodeError(error, 'EEXIST')) throw error
  } finally {
    await rm(draft, { force: true })
  }
}
