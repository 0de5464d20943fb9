import { access } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { fromRoot } from '../paths.mjs'

/** @typedef {import('@web/test-runner').TestRunnerPlugin} TestRunnerPlugin */
/** @typedef {import('@web/test-runner').TestRunnerConfig} TestRunnerConfig */
/** @typedef {keyof typeof FOLDERS} ReactName */

/** Where each React is installed. */
const FOLDERS = { 'react-18': fromRoot('scripts', 'react-18'), 'react-19': fromRoot() }

/** What pages import of it. */
const ENTRIES = ['react', 'react/jsx-runtime', 'react-dom', 'react-dom/client']

const IMPORT_MAP = /<script type="importmap">.*?<\/script>/

/**
 * The page of a component test, whose import map says which React it has.
 * @param {ReactName} name
 * @returns {NonNullable<TestRunnerConfig['testRunnerHtml']>}
 */
export const pageWith = (name) => (testFramework) => {
  const imports = Object.fromEntries(ENTRIES.map((entry) => [entry, `/${name}/${fileOf(entry)}.js`]))
  const map = `<script type="importmap">${JSON.stringify({ imports })}</script>`
  return `<!doctype html><html><head>${map}</head><body><script type="module" src="${testFramework}"></script></body></html>`
}

/**
 * Serves both Reacts to component tests. They are written for Node, and so each is bundled when it is first asked for, as modules that share one copy.
 * @returns {TestRunnerPlugin}
 */
export function reactModules() {
  const bundles = new Map(Object.entries(FOLDERS).map(([name, folder]) => [name, reactBundle(folder)]))
  return {
    name: 'react-modules',
    async resolveImport({ source, context }) {
      // The page's import map knows them.
      if (ENTRIES.includes(source)) return source
      // The plugin for TypeScript looks for modules without JSX alone.
      if (!source.startsWith('.') || !source.endsWith('.js') || !/\.tsx?$/.test(context.path)) return undefined
      const withJsx = source.replace(/\.js$/, '.tsx')
      return access(fromRoot(join(dirname(context.path), withJsx))).then(
        () => withJsx,
        () => undefined,
      )
    },
    async serve({ path }) {
      const [, name = '', file = ''] = /^\/([^/]+)\/([^/]+)$/.exec(path) ?? []
      return (await bundles.get(name)?.())?.get(file)
    },
    transform({ response, body }) {
      if (!response.is('html') || typeof body !== 'string') return undefined
      // The runner has put its own modules before it, after which Firefox takes no map.
      const [map] = IMPORT_MAP.exec(body) ?? []
      return map && body.replace(map, '').replace('<head>', `<head>${map}`)
    },
  }
}

/** @param {string} entry */
const fileOf = (entry) => entry.replace('/', '-')

/**
 * @param {string} folder
 * @returns {() => Promise<ReadonlyMap<string, string>>} code by file name
 */
function reactBundle(folder) {
  // Now, since it does not load while the runner has its console.
  const require = createRequire(join(folder, 'package.json'))
  const names = new Map(ENTRIES.map((entry) => [entry, Object.keys(require(entry))]))
  /** @type {Promise<ReadonlyMap<string, string>> | undefined} */
  let bundle
  return () => (bundle ??= bundleReact(folder, names))
}

/**
 * @param {string} folder
 * @param {ReadonlyMap<string, readonly string[]>} names of exports by entry, which the modules are to have
 * @returns {Promise<ReadonlyMap<string, string>>} code by file name
 */
async function bundleReact(folder, names) {
  /** @type {import('esbuild').Plugin} */
  const namedExports = {
    name: 'named-exports',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /./ }, ({ path, kind }) => (kind === 'entry-point' ? { path, namespace: 'entry' } : undefined))
      onLoad({ filter: /./, namespace: 'entry' }, ({ path }) => ({
        contents: `import all from '${path}'\nexport const { ${names.get(path)?.join(', ')} } = all`,
        resolveDir: folder,
      }))
    },
  }
  const { outputFiles } = await build({
    entryPoints: ENTRIES.map((entry) => ({ in: entry, out: fileOf(entry) })),
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    outdir: folder,
    write: false,
    define: { 'process.env.NODE_ENV': '"development"' },
    plugins: [namedExports],
  })
  return new Map(outputFiles.map(({ path, text }) => [path.slice(folder.length + 1), text]))
}
