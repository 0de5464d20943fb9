import { existsSync, readFileSync } from 'node:fs'
import { sep } from 'node:path'
import { runChild } from './child.mjs'
import { fromRoot } from './paths.mjs'
import { Stop } from './stop.mjs'
import { home } from './workspace-node.mjs'

/**
 * @typedef {object} LockedPackage
 * @property {string} [version]
 * @property {string} [integrity]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 */
/** @typedef {{ packages: Record<string, LockedPackage> }} Lockfile */

/** Runs `npm ci` when the dependencies are missing or are not the lockfile's. */
export async function ensureDependencies() {
  const installed = readLockfile(fromRoot('node_modules', '.package-lock.json'))
  const wanted = readLockfile(fromRoot('package-lock.json'))
  if (wanted === undefined) throw new Stop('package-lock.json is missing: restore it with `git checkout package-lock.json`.')
  if (installed && isInstalled(wanted, installed)) return
  console.log(installed ? 'The lockfile changed: installing dependencies …' : 'Installing dependencies …')
  // Windows cannot delete a running node.exe, which `npm ci` would do when the workspace's own Node runs this script.
  const isOwnNode = process.platform === 'win32' && process.execPath.startsWith(fromRoot('node_modules') + sep)
  const { command, args, shell } = npmCommand([isOwnNode ? 'install' : 'ci', '--no-audit', '--no-fund', '--loglevel=error'])
  const { code } = await runChild(command, args, { cwd: fromRoot(), inherit: true, shell, env: { ...process.env, HOME: home() } })
  if (code !== 0) throw new Stop(`npm could not install the dependencies (exit code ${code}): its reason is above.`)
}

/**
 * Whether a finished install (npm writes its own lockfile into node_modules last) holds the packages that the lockfile wants.
 * A package that is missing while its dependants have the right version is one that npm leaves out here: another platform's, or an optional peer.
 * @param {Lockfile} wanted
 * @param {Lockfile} installed
 */
export function isInstalled({ packages: wanted }, { packages: installed }) {
  const isSame = Object.entries(installed).every(
    ([path, { version, integrity }]) => wanted[path]?.version === version && wanted[path]?.integrity === integrity,
  )
  const workspaces = Object.entries(wanted).filter(([path]) => !path.includes('node_modules'))
  return (
    isSame &&
    workspaces.every(([path, { dependencies, devDependencies }]) =>
      Object.keys({ ...dependencies, ...devDependencies }).every(
        (name) => installed[`node_modules/${name}`] ?? installed[`${path}/node_modules/${name}`],
      ),
    )
  )
}

/** @param {string} path @returns {Lockfile | undefined} */
const readLockfile = (path) => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined)

/**
 * npm as this process was started by it, else the one on the PATH.
 * @param {readonly string[]} args
 */
function npmCommand(args) {
  const { npm_execpath: cli } = process.env
  if (cli?.endsWith('npm-cli.js')) return { command: process.execPath, args: [cli, ...args], shell: false }
  const isWindows = process.platform === 'win32'
  return { command: isWindows ? 'npm.cmd' : 'npm', args, shell: isWindows }
}
