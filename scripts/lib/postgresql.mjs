import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = '/usr/lib/postgresql'

/**
 * Where a program of PostgreSQL is, whose newest version Debian puts into a folder of its own.
 * @param {string} name
 */
export function postgresqlProgram(name) {
  return join(ROOT, newestVersion(), 'bin', name)
}

// Looked for anew each time: it may just have been installed.
function newestVersion() {
  try {
    return readdirSync(ROOT).sort((a, b) => Number(b) - Number(a))[0] ?? ''
  } catch {
    return ''
  }
}
