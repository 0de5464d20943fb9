import { readFileSync } from 'node:fs'
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

/**
 * Installs packages by apt, and nothing that they merely recommend. Whether that worked is for the caller to see.
 * @param {readonly string[]} packages
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string>} the output
 */
export async function installDebianPackages(packages, env) {
  const [apt = '', ...options] = APT
  const aptEnv = { ...env, DEBIAN_FRONTEND: 'noninteractive' }
  const update = await runChild(apt, [...options, 'update'], { env: aptEnv, timeoutMs: 300_000 })
  const install = await runChild(apt, [...options, 'install', '--no-install-recommends', ...packages], { env: aptEnv, timeoutMs: 600_000 })
  return update.output + install.output
}
