import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** @typedef {'chromium' | 'firefox' | 'webkit'} Engine */
/**
 * @typedef {object} WebKit
 * @property {string} driver WebKitWebDriver
 * @property {string} browser WebKitGTK's MiniBrowser
 * @property {string} display Xvfb, because MiniBrowser has no headless mode
 */
/**
 * Where each engine was found: on the system, or `'playwright'` for Playwright's own download; undefined where it is missing.
 * @typedef {object} Browsers
 * @property {string | undefined} chromium executable, or 'playwright'
 * @property {string | undefined} firefox executable, or 'playwright'
 * @property {WebKit | 'playwright' | undefined} webkit
 */

/** @type {readonly Engine[]} */
export const ENGINES = ['chromium', 'firefox', 'webkit']

/**
 * Looks for the engines that the tests can drive; the system's come first. Needs the dependencies installed.
 * @returns {Promise<Browsers>}
 */
export async function findBrowsers() {
  const playwright = await import('playwright-core')
  /** @param {Engine} engine */
  const downloaded = (engine) => (existsSync(playwright[engine].executablePath()) ? /** @type {const} */ ('playwright') : undefined)
  return {
    chromium: findChromium() ?? downloaded('chromium'),
    firefox: findFirefox() ?? downloaded('firefox'),
    webkit: findWebKit() ?? downloaded('webkit'),
  }
}

function findChromium() {
  const apps = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium']
  const programs = programFiles(['Google/Chrome/Application/chrome.exe', 'Microsoft/Edge/Application/msedge.exe'])
  return firstUsable(
    process.env['CHROME_PATH'],
    ...onPath('chromium', 'google-chrome-stable', 'google-chrome', 'chromium-browser'),
    ...apps,
    ...programs,
  )
}

function findFirefox() {
  const apps = ['/Applications/Firefox.app/Contents/MacOS/firefox']
  return firstUsable(
    process.env['FIREFOX_PATH'],
    ...onPath('firefox-esr', 'firefox'),
    ...apps,
    ...programFiles(['Mozilla Firefox/firefox.exe']),
  )
}

/** @returns {WebKit | undefined} */
function findWebKit() {
  const driver = firstUsable(...onPath('WebKitWebDriver'))
  const display = firstUsable(...onPath('Xvfb'))
  const folders = ['/usr/lib', '/usr/libexec', ...subfolders('/usr/lib', /-linux-gnu/)]
  const browser = firstUsable(
    ...folders.flatMap((folder) => subfolders(folder, /^webkit2?gtk-/)).map((folder) => join(folder, 'MiniBrowser')),
  )
  return driver && display && browser ? { driver, display, browser } : undefined
}

/** @param {...string} names */
const onPath = (...names) =>
  names.flatMap((name) =>
    (process.env['PATH'] ?? '')
      .split(delimiter)
      .filter(Boolean)
      .map((folder) => join(folder, name)),
  )

/** @param {readonly string[]} programs below a folder for programs of Windows */
const programFiles = (programs) =>
  [process.env['PROGRAMFILES'], process.env['PROGRAMFILES(X86)']].flatMap((folder) =>
    folder ? programs.map((program) => join(folder, program)) : [],
  )

/** @param {string} folder @param {RegExp} name */
const subfolders = (folder, name) =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((entry) => name.test(entry))
        .map((entry) => join(folder, entry))
    : []

/** @param {...(string | undefined)} paths */
const firstUsable = (...paths) => paths.find((path) => path !== undefined && existsSync(path) && !isSnap(path))

/**
 * A snap sees neither the profile that a test makes in /tmp nor, in a container, anything at all. Ubuntu's package is a script that starts one.
 * @param {string} path
 */
function isSnap(path) {
  const real = realpathSync(path)
  if (real.startsWith('/snap/') || real === '/usr/bin/snap') return true
  return statSync(real).size < 65_536 && /^#!.*\/snap\//s.test(readFileSync(real, 'utf8'))
}
