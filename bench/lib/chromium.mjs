// What every bench in a browser begins with: a bundle of the sources, a server for its page, and a Chromium.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { chromiumArguments } from '../../scripts/lib/browsers/chromium-arguments.mjs'
import { findBrowsers } from '../../scripts/lib/browsers/find.mjs'

/**
 * The sources as a page in production loads them.
 * @param {import('esbuild').BuildOptions} options
 */
export async function bundle(options) {
  const { outputFiles } = await build({
    bundle: true,
    format: 'esm',
    minify: true,
    conditions: ['@upload-panel/source'],
    define: { 'process.env.NODE_ENV': '"production"' },
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true, useDefineForClassFields: false } },
    ...options,
    write: false,
  })
  return outputFiles
}

/** A page that is nothing but a script. @param {string | undefined} script */
export const inlinePage = (script) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>bench</title><body><script type="module">${script}</script>`

/** On a free port. @param {import('node:http').RequestListener | string} page */
export async function serve(page) {
  const listener = typeof page === 'string' ? htmlOf(page) : page
  const site = createServer(listener).listen(0, '127.0.0.1')
  await once(site, 'listening')
  const address = site.address()
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`, close: () => site.close() }
}

/** @param {string} page @returns {import('node:http').RequestListener} */
function htmlOf(page) {
  return (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(page)
}

/** @param {readonly string[]} more Flags besides the usual ones. */
export async function launchChromium(more = []) {
  const found = (await findBrowsers()).chromium
  return chromium.launch({
    args: [...chromiumArguments(), ...more],
    ...(found !== undefined && found !== 'playwright' && { executablePath: found }),
  })
}
