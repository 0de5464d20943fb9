import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { CACHE, fromRoot } from './paths.mjs'
import { Stop } from './stop.mjs'

/** The oldest Node that all tools run on; what the lockfile brings is newer. */
const LEAST = [22, 19]

/**
 * The Node that runs every tool: the lockfile's own binary, so that a machine's old Node does not matter, else this process's.
 * @returns {string} absolute path
 * @throws {Stop} when neither is new enough
 */
export function workspaceNode() {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const binary = fromRoot('node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  // It is started once, because a binary for glibc exists but does not run on musl.
  if (existsSync(binary) && spawnSync(binary, ['--version'], { stdio: 'ignore' }).status === 0) return binary
  if (isAtLeast(process.versions.node, LEAST)) return process.execPath
  throw new Stop(
    `This is Node ${process.versions.node}, and the workspace brings no newer one for ${process.platform} on ${process.arch}: ` +
      `install Node 24 (https://nodejs.org) and run the command again.`,
  )
}

/**
 * @param {string} version as in process.versions.node
 * @param {readonly number[]} least major, minor
 */
export function isAtLeast(version, [major = 0, minor = 0]) {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number)
  return ownMajor > major || (ownMajor === major && ownMinor >= minor)
}

/**
 * The environment of every tool: the workspace's Node and binaries come first on the PATH, and there is a home to write to.
 * @param {string} node from {@link workspaceNode}
 * @returns {NodeJS.ProcessEnv}
 */
export function toolEnvironment(node) {
  const pathName = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'
  const path = [dirname(node), fromRoot('node_modules', '.bin'), process.env[pathName]].filter(Boolean).join(delimiter)
  return { ...process.env, [pathName]: path, HOME: home() }
}

/**
 * Browsers and npm keep profiles and caches at home, and some machines that build have none.
 * @returns {string} absolute path
 */
export function home() {
  if (process.env.HOME) return process.env.HOME
  const substitute = join(CACHE, 'home')
  mkdirSync(substitute, { recursive: true })
  return substitute
}
