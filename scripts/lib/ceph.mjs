import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { aptDistribution, installDebianPackages } from './debian.mjs'

/** What a cluster with an S3 gateway is made of. */
const PROGRAMS = ['ceph', 'ceph-mon', 'ceph-osd', 'monmaptool', 'radosgw', 'radosgw-admin']

const PACKAGES = ['radosgw', 'ceph-mon', 'ceph-osd']

/** How a person gets it. */
export const CEPH_ADVICE = `\`apt-get install --no-install-recommends ${PACKAGES.join(' ')}\`, which happens by itself as root on Debian and Ubuntu`

/** Whether this machine has Ceph with its S3 gateway. */
export const hasCeph = () => process.platform === 'linux' && PROGRAMS.every(isOnPath)

/**
 * Installs Ceph where it is missing and may be installed.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string>} the installer's output
 */
export async function ensureCeph(env) {
  return hasCeph() || aptDistribution() === undefined ? '' : installDebianPackages(PACKAGES, env)
}

/** @param {string} name */
const isOnPath = (name) => (process.env['PATH'] ?? '').split(delimiter).some((folder) => folder !== '' && isExecutable(join(folder, name)))

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
