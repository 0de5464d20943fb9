import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** What a cluster with an S3 gateway is made of. */
const PROGRAMS = ['ceph', 'ceph-mon', 'ceph-osd', 'monmaptool', 'radosgw', 'radosgw-admin']

/** Whether this machine has Ceph with its S3 gateway. */
export const hasCeph = () => process.platform === 'linux' && PROGRAMS.every(isOnPath)

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
