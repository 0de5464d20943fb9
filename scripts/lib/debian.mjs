import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { runChild } from './child.mjs'

const APT = ['apt-get', '-y', '-q', '-o', 'Acquire::Retries=3', '-o', 'DPkg::Lock::Timeout=120']

/**
 * The distribution whose packages this process may install by apt.
 * @returns {'debian' | 'ubuntu' | undefined} undefined without root, and elsewhere
 */
export function aptDistribution() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
  try {
    const id = /^ID=(\w+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1]
    return id === 'debian' || id === 'ubuntu' ? id : undefined
  } catch {
    return undefined
  }
}

/** Debian's packages ask this program before they start what they bring. */
const POLICY = '/usr/sbin/policy-rc.d'

/**
 * Installs packages by apt, and nothing that they merely recommend. No server of theirs is started. Whether that worked is for the caller to see.
 * @param {readonly string[]} packages
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string>} the output
 */
export async function installDebianPackages(packages, env) {
  const [apt = '', ...options] = APT
  const aptEnv = { ...env, DEBIAN_FRONTEND: 'noninteractive' }
  const update = await runChild(apt, [...options, 'update'], { env: aptEnv, timeoutMs: 300_000 })
  const allowStarts = forbidStarts()
  const install = await runChild(apt, [...options, 'install', '--no-install-recommends', ...packages], { env: aptEnv, timeoutMs: 600_000 })
  allowStarts()
  return update.output + install.output
}

/** Where the machine has a policy of its own, that one counts. */
function forbidStarts() {
  try {
    // Forbids nothing any more when this process was killed before it could take it away.
    const script = `#!/bin/sh\n# Of upload-panel's installer, while it runs.\nkill -0 ${process.pid} 2>/dev/null && exit 101\nexit 0\n`
    writeFileSync(POLICY, script, { mode: 0o755, flag: 'wx' })
    return () => rmSync(POLICY, { force: true })
  } catch {
    return () => {}
  }
}
