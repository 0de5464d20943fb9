import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import { runChild } from './child.mjs'
import { aptDistribution, installDebianPackages } from './debian.mjs'
import { postgresqlProgram } from './postgresql.mjs'

/**
 * A server of another project that tests run against. Tests start it themselves, on ports and with files of their own.
 * @typedef {object} DebianService
 * @property {string} title
 * @property {string} purpose what cannot be tested without it
 * @property {readonly string[]} packages
 * @property {readonly string[]} programs by name, where they are on the PATH, or by path
 * @property {readonly string[]} units what its packages would start with the machine
 */

const SERVICES = /** @satisfies {Record<string, DebianService>} */ ({
  ceph: {
    title: 'Ceph',
    purpose: 'S3',
    packages: ['radosgw', 'ceph-mon', 'ceph-osd'],
    programs: ['ceph', 'ceph-mon', 'ceph-osd', 'monmaptool', 'radosgw', 'radosgw-admin'],
    units: [],
  },
  rabbitmq: {
    title: 'RabbitMQ',
    purpose: 'STOMP',
    packages: ['rabbitmq-server'],
    programs: ['/usr/lib/rabbitmq/bin/rabbitmq-server', 'epmd'],
    units: ['rabbitmq-server.service', 'epmd.socket'],
  },
  redis: {
    title: 'Redis',
    purpose: 'Socket.IO on several nodes',
    packages: ['redis-server'],
    programs: ['redis-server'],
    units: ['redis-server.service'],
  },
  postgresql: {
    title: 'PostgreSQL',
    purpose: 'Supabase',
    packages: ['postgresql'],
    // Looked for anew each time: it may just have been installed.
    get programs() {
      return [postgresqlProgram('initdb')]
    },
    units: ['postgresql.service'],
  },
})

/** @typedef {keyof typeof SERVICES} ServiceName */

/** @type {readonly DebianService[]} */
const ALL = Object.values(SERVICES)

/**
 * Whether this machine has it.
 * @param {ServiceName} name
 */
export const hasService = (name) => isThere(SERVICES[name])

/** @returns {readonly DebianService[]} those that this machine does not have */
export const missingServices = () => ALL.filter((service) => !isThere(service))

/**
 * What is missing and how a person gets it, as one sentence without its end.
 * @param {readonly DebianService[]} missing
 */
export function adviceFor(missing) {
  const what = missing.map(({ title, purpose }) => `${title} (for ${purpose})`).join(', ')
  const packages = missing.flatMap((service) => service.packages).join(' ')
  return `${what}: \`apt-get install --no-install-recommends ${packages}\`, which happens by itself as root on Debian and Ubuntu`
}

/**
 * Installs what is missing and may be installed. What was there before is left as it is.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string>} the installer's output
 */
export async function ensureServices(env) {
  const missing = missingServices()
  if (missing.length === 0 || aptDistribution() === undefined) return ''
  const output = await installDebianPackages(
    missing.flatMap(({ packages }) => packages),
    env,
  )
  // Else a machine that a person works at would run them from its next start on, on the ports that everyone knows.
  const units = missing.flatMap((service) => service.units)
  const isSystemd = existsSync('/run/systemd/system')
  return units.length > 0 && isSystemd ? output + (await runChild('systemctl', ['disable', ...units], { env })).output : output
}

/** @param {DebianService} service */
const isThere = ({ programs }) => process.platform === 'linux' && programs.every(isFound)

/** @param {string} program */
function isFound(program) {
  if (isAbsolute(program)) return isExecutable(program)
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => folder !== '' && isExecutable(join(folder, program)))
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
