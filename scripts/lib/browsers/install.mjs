import { ENGINES, findBrowsers } from './find.mjs'
import { runChild } from '../child.mjs'
import { aptDistribution, installDebianPackages } from '../debian.mjs'
import { fromRoot } from '../paths.mjs'

/** @typedef {import('./find.mjs').Engine} Engine */

/** @type {Record<Engine, readonly string[]>} */
const DEBIAN_PACKAGES = {
  chromium: ['chromium'],
  firefox: ['firefox-esr'],
  webkit: ['webkit2gtk-driver', 'xvfb', 'xauth'],
}

/**
 * @typedef {object} Installation
 * @property {readonly Engine[]} engines those that can be used now
 * @property {readonly Engine[]} missing those that are required and could not be had
 * @property {string} output of the installers
 */

/**
 * Finds the browsers, and installs what is missing: by Debian's packages as root on Debian, else by Playwright's own download.
 * On CI all three engines are required; on a person's machine Chromium is enough, and nothing more is downloaded unasked.
 * @param {{ node: string, env: NodeJS.ProcessEnv, isCi: boolean }} options
 * @returns {Promise<Installation>}
 */
export async function ensureBrowsers({ node, env, isCi }) {
  /** @type {readonly Engine[]} */
  const required = isCi ? ENGINES : ['chromium']
  let output = ''
  let missing = await missingEngines()
  // Only Debian itself: Ubuntu's packages of Chromium and Firefox are snaps, which tests cannot drive.
  if (missing.length > 0 && aptDistribution() === 'debian') {
    output += await installDebianPackages(
      missing.flatMap((engine) => DEBIAN_PACKAGES[engine]),
      env,
    )
    missing = await missingEngines()
  }
  const downloads = required.filter((engine) => missing.includes(engine))
  if (downloads.length > 0) {
    output += await download(downloads, node, env)
    missing = await missingEngines()
  }
  return {
    engines: ENGINES.filter((engine) => !missing.includes(engine)),
    missing: required.filter((engine) => missing.includes(engine)),
    output,
  }
}

async function missingEngines() {
  const browsers = await findBrowsers()
  return ENGINES.filter((engine) => browsers[engine] === undefined)
}

/** @param {readonly Engine[]} engines @param {string} node @param {NodeJS.ProcessEnv} env */
async function download(engines, node, env) {
  // Playwright knows the system libraries of Debian and Ubuntu, and installs them by apt where it may.
  const withSystemLibraries = process.platform === 'linux' && process.getuid?.() === 0 ? ['--with-deps'] : []
  const cli = fromRoot('node_modules', 'playwright', 'cli.js')
  const { output } = await runChild(node, [cli, 'install', ...withSystemLibraries, ...engines], { env, timeoutMs: 600_000 })
  return output
}
