import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import terser from '@rollup/plugin-terser'
import { rollup } from 'rollup'
import esbuild from 'rollup-plugin-esbuild'
import { compactTemplates } from './scripts/lib/compact-templates.mjs'
import { fromRoot, PACKAGES } from './scripts/lib/paths.mjs'

/** @typedef {import('rollup').Plugin} Plugin */
/** @typedef {import('rollup').RollupOptions} RollupOptions */

const compile = () => esbuild({ target: 'es2022', jsx: 'automatic', tsconfig: fromRoot('tsconfig.base.json') })
const minify = () => terser({ module: true, ecma: 2020, compress: { passes: 3 }, format: { comments: false } })

/** The widget loads each of them when it is asked for. */
const LANGUAGES = fromRoot('packages/widget/src/messages')
/** So it does these, which are files beside those for a script tag: a module of core, and what its file is named after. */
const BESIDE = new Map([
  ['@upload-panel/core/indexed-db', { name: 'persistence', module: 'persistence/indexed-db.ts' }],
  ['@upload-panel/core/follow-job', { name: 'job', module: 'status/follow-job.ts' }],
])
/** Read by a Worker of its own, which finds no module beside it. */
const WORKER = fromRoot('packages/core/src/http/transfer-worker.ts')

/**
 * React's server components know by this directive which modules run in the browser; rollup drops directives, with a warning for each.
 * @returns {Plugin}
 */
function clientDirective() {
  const directive = /^'use client'$/m
  /** @type {Set<string>} */
  const clients = new Set()
  return {
    name: 'client-directive',
    transform(code, id) {
      if (!directive.test(code)) return null
      clients.add(id)
      return { code: code.replace(directive, ''), map: null }
    },
    banner: ({ facadeModuleId }) => (clients.has(facadeModuleId ?? '') ? "'use client'\n" : ''),
  }
}

/**
 * One package as a person installs it: every module stays a file of its own, dependencies stay imports, types come from tsc.
 * @param {string} name folder below packages
 * @returns {RollupOptions}
 */
function library(name) {
  const folder = fromRoot('packages', name)
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  /** @type {string[]} */
  const programs = Object.values(manifest.bin ?? {})
  const entries = [
    // Those without a source are made by scripts/lib/elements.
    ...Object.values(manifest.exports).flatMap((target) => target['@upload-panel/source'] ?? []),
    ...programs.map((program) => program.replace('./dist/', './src/').replace(/\.js$/, '.ts')),
  ]
  return {
    input: entries.map((entry) => join(folder, entry)).filter((entry) => entry !== WORKER),
    external: (id) => id.startsWith('node:') || dependencies.some((dependency) => id === dependency || id.startsWith(`${dependency}/`)),
    plugins: [
      nodeResolve({ extensions: ['.ts', '.tsx', '.js'] }),
      clientDirective(),
      compile(),
      executable(programs.map((program) => join(folder, program))),
    ],
    output: {
      dir: join(folder, 'dist'),
      format: 'es',
      preserveModules: true,
      preserveModulesRoot: join(folder, 'src'),
      sourcemap: true,
    },
  }
}

/**
 * npm sets the mode of a package's programs when it installs them; a workspace's link does not.
 * @param {readonly string[]} programs absolute paths
 * @returns {Plugin}
 */
const executable = (programs) => ({ name: 'executable', writeBundle: () => programs.forEach((program) => chmodSync(program, 0o755)) })

/**
 * Dependencies choose their production code by an expression that a browser does not have.
 * @type {Plugin}
 */
const production = {
  name: 'production',
  transform: (code) =>
    code.includes('process.env.NODE_ENV') ? { code: code.replaceAll('process.env.NODE_ENV', '"production"'), map: null } : null,
}

/** @type {Plugin} */
const compact = { name: 'compact', transform: (code) => ({ code: compactTemplates(code), map: null }) }

/** The Worker's file imports nothing: it can lie anywhere. */
const workerInput = { input: WORKER, plugins: [nodeResolve({ extensions: ['.ts', '.js'] }), compile()] }
/** @type {import('rollup').OutputOptions} */
const workerOutput = { file: fromRoot('packages/core/dist/http/transfer-worker.js'), format: 'es', plugins: [minify()] }

/**
 * Puts the Worker into the one file that there is. A page whose CSP allows no `worker-src blob:` sends from its main thread.
 * @type {Plugin}
 */
const embeddedWorker = {
  name: 'embedded-worker',
  async transform(code, id) {
    const address = "new URL('./transfer-worker.js', import.meta.url)"
    if (!id.endsWith('spawn-worker.ts')) return null
    if (!code.includes(address)) throw new Error(`${id} names the Worker's file in another way than rollup.config.mjs knows.`)
    const bundle = await rollup(workerInput)
    const { output } = await bundle.generate(workerOutput)
    await bundle.close()
    const source = JSON.stringify(output[0].code)
    // One address for all uploaders of the page, made when the first of them needs it. Where Trusted Types are enforced, it takes a policy that the page allows;
    // else this throws, as `new Worker` would.
    const once = `
      let embedded;
      const embed = () => (embedded ??= trusted(() => URL.createObjectURL(new Blob([${source}], { type: 'text/javascript' }))));
      const trusted = (create) => globalThis.trustedTypes?.createPolicy('upload-panel', { createScriptURL: create }).createScriptURL('') ?? create();
    `
    return { code: once + code.replace(address, 'embed()'), map: null }
  },
}

/** `languages.ts` says which there are. @type {string[]} */
const languages = [...readFileSync(join(LANGUAGES, 'languages.ts'), 'utf8').matchAll(/import\('\.\/([\w-]+)\.js'\)/g)].map(
  ([, name = '']) => name,
)

/**
 * A language is a file of its own beside the script tag's.
 * @type {Plugin}
 */
const languageFiles = {
  name: 'language-files',
  resolveDynamicImport: (specifier, importer) =>
    importer === join(LANGUAGES, 'languages.ts') && typeof specifier === 'string'
      ? { id: specifier.replace(/^\.\/(.*)\.js$/, './upload-panel-$1.min.js'), external: 'absolute' }
      : null,
}

/** @param {string} path below the widget's sources */
const everythingOf = (path) => `export * from ${JSON.stringify(fromRoot('packages/widget/src', path))}`

/** What a page without a bundler makes an uploader of its own with: the engine is in its file, and nothing else could give it another backend. */
const ENGINE = [
  `export { createUploader, httpBackend, postForm, putTo, UploadError } from '@upload-panel/core'`,
  `export { polling } from '@upload-panel/core/polling'`,
  `export { sse } from '@upload-panel/core/sse'`,
]

/**
 * Files for a script tag: a page takes the one that has what it shows. None needs another, so that there is nothing to wait for, and no two that could be of
 * different versions; what few pages need lies beside them.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const SCRIPT_TAGS = {
  'upload-panel': [...['upload-panel.ts', 'upload-dropzone.ts', 'messages/create-messages.ts'].map(everythingOf), ...ENGINE],
  'upload-panel-status': ['sync-status.ts', 'upload-progress.ts', 'messages/create-messages.ts'].map(everythingOf),
  'upload-panel-all': [everythingOf('index.ts'), ...ENGINE],
}

/**
 * @param {string} name
 * @param {readonly string[]} statements
 * @returns {RollupOptions}
 */
function scriptTag(name, statements) {
  return {
    input: name,
    external: [...BESIDE.keys()],
    plugins: [
      virtualModule(name, statements),
      nodeResolve({ browser: true, extensions: ['.ts', '.js'], exportConditions: ['@upload-panel/source', 'production'] }),
      languageFiles,
      embeddedWorker,
      compile(),
      compact,
      production,
    ],
    output: {
      file: fromRoot('packages/widget/dist', `${name}.min.js`),
      format: 'es',
      inlineDynamicImports: true,
      // Beside it, for the pages that ask for it.
      paths: (id) => (BESIDE.has(id) ? `./upload-panel-${BESIDE.get(id)?.name}.min.js` : id),
      sourcemap: true,
      plugins: [minify()],
    },
  }
}

/**
 * @param {string} name
 * @param {readonly string[]} statements
 * @returns {Plugin}
 */
const virtualModule = (name, statements) => ({
  name: 'virtual-module',
  resolveId: (id) => (id === name ? id : null),
  load: (id) => (id === name ? statements.join('\n') : null),
})

/**
 * @param {{ name: string, module: string }} file
 * @returns {RollupOptions}
 */
const scriptTagFile = ({ name, module }) => ({
  input: fromRoot('packages/core/src', module),
  plugins: [nodeResolve({ browser: true, extensions: ['.ts', '.js'], exportConditions: ['production'] }), compile(), production],
  output: { file: fromRoot('packages/widget/dist', `upload-panel-${name}.min.js`), format: 'es', sourcemap: true, plugins: [minify()] },
})

/** @type {RollupOptions} */
const scriptTagLanguages = {
  input: Object.fromEntries(languages.map((name) => [name, join(LANGUAGES, `${name}.ts`)])),
  plugins: [compile()],
  output: {
    dir: fromRoot('packages/widget/dist'),
    entryFileNames: 'upload-panel-[name].min.js',
    format: 'es',
    sourcemap: true,
    plugins: [minify()],
  },
}

export default [
  ...PACKAGES.map(library),
  { ...workerInput, output: { ...workerOutput, sourcemap: true } },
  ...Object.entries(SCRIPT_TAGS).map(([name, statements]) => scriptTag(name, statements)),
  ...Array.from(BESIDE.values(), scriptTagFile),
  scriptTagLanguages,
].map((options) => ({
  ...options,
  // A warning (an import that cannot be resolved, a circle) is a package that does not work for somebody.
  /** @param {import('rollup').RollupLog} warning */
  onwarn({ code, message }) {
    throw new Error(`${code}: ${message}`)
  },
}))
