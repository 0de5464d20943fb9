import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runChild } from './child.mjs'
import { CACHE, fromRoot, PACKAGES } from './paths.mjs'
import { toolPath } from './tools.mjs'

const STAMP = join(CACHE, 'build.sha256')
const SETTINGS = ['package-lock.json', 'rollup.config.mjs', 'tsconfig.base.json']

/**
 * Builds all packages from nothing: types by tsc, code by rollup, and what editors and frameworks know about the elements.
 * @param {{ node: string, env: NodeJS.ProcessEnv, inherit?: boolean }} options
 * @returns {Promise<{ code: number, output: string }>}
 */
export async function build({ node, env, inherit = false }) {
  const inputs = hashInputs()
  rmSync(STAMP, { force: true })
  for (const name of PACKAGES) rmSync(fromRoot('packages', name, 'dist'), { recursive: true, force: true })
  const projects = PACKAGES.map((name) => `packages/${name}/tsconfig.src.json`)
  let output = ''
  for (const args of [
    [toolPath('typescript', 'tsc'), '-b', ...projects],
    [toolPath('rollup'), '--config', 'rollup.config.mjs', '--silent'],
    ['scripts/lib/elements/write.mjs'],
  ]) {
    const step = await runChild(node, args, { cwd: fromRoot(), env, inherit })
    output += step.output
    if (step.code !== 0) return { code: step.code, output }
  }
  mkdirSync(CACHE, { recursive: true })
  writeFileSync(STAMP, inputs)
  return { code: 0, output }
}

/** Whether the built packages are those of the sources as they are now. */
export function isBuilt() {
  const hasOutput = PACKAGES.every((name) => existsSync(fromRoot('packages', name, 'dist', 'index.js')))
  return hasOutput && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hashInputs()
}

/** Contents, not times: a checkout or a branch switch changes times only. */
function hashInputs() {
  const hash = createHash('sha256')
  const manifests = PACKAGES.flatMap((name) => [`packages/${name}/package.json`, `packages/${name}/tsconfig.src.json`])
  const sources = PACKAGES.flatMap((name) => listFiles(`packages/${name}/src`)).filter((path) => !/test\.tsx?$/.test(path))
  for (const path of [...SETTINGS, ...manifests, ...sources, ...listFiles('scripts/lib/elements')]) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(fromRoot(path)))
      .update('\0')
  }
  return hash.digest('hex')
}

/** @param {string} folder below the root @returns {string[]} */
const listFiles = (folder) =>
  readdirSync(fromRoot(folder), { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? listFiles(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`]))
    .sort()
