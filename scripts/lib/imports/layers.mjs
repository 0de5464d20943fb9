import { moduleName } from './graph.mjs'

/** @typedef {import('./graph.mjs').ImportGraph} ImportGraph */

/** Composition roots: they may import every room, and no room imports them. */
const ALL = '*'

/** What every room may import: small files that import nothing but each other. */
const LEAVES = ['protocol', 'errors', 'clock', 'next-frame', 'heap', 'alarms', 'backoff', 'events', 'tabs', 'read-bytes']
/** The world around the engine, and what stands on it alone. */
const GROUND = [...LEAVES, 'environment', 'http/http-client']

/**
 * Core's rooms and what each may import besides itself. A room is a folder of packages/core/src, or a file; the longest name that fits counts,
 * so that a port (`strategies/strategy`) is open to those who must not know its implementations.
 * @type {Record<string, readonly string[] | typeof ALL>}
 */
const CORE_ROOMS = {
  protocol: [],
  clock: [],
  'next-frame': ['clock'],
  heap: [],
  alarms: ['clock', 'heap'],
  backoff: [],
  events: [],
  tabs: [],
  'read-bytes': [],
  errors: ['protocol'],
  'http/http-client': ['errors'],
  'http/policy': [...LEAVES, 'http/http-client'],
  http: [...LEAVES, 'http/http-client', 'http/policy'],
  environment: [...LEAVES, 'http/http-client', 'http'],
  item: GROUND,
  store: [...GROUND, 'item'],
  batches: ['item', 'store'],
  optimistic: LEAVES,
  announce: ['events', 'store', 'uploader'],
  files: ['uploader'],
  'page-guards': ['environment', 'item', 'store'],
  'strategies/strategy': [...LEAVES, 'http/http-client'],
  checksum: ['protocol', 'errors'],
  'strategies/validity': [],
  strategies: [...GROUND, 'http', 'http/policy', 'strategies/strategy', 'strategies/validity', 'checksum'],
  'realtime/transport': [...LEAVES, 'environment'],
  realtime: [...GROUND, 'http', 'http/policy', 'item', 'store', 'realtime/transport'],
  'realtime/supabase-rows': [...GROUND, 'store', 'realtime/transport', 'realtime', 'optimistic'],
  'backends/backend': [...GROUND, 'item', 'strategies/strategy', 'realtime/transport', 'realtime'],
  backends: [...GROUND, 'http', 'http/policy', 'strategies/strategy', 'strategies', 'backends/backend', 'realtime/transport', 'realtime'],
  status: [...GROUND, 'http/policy', 'store', 'backends/backend', 'backends', 'realtime/transport', 'realtime'],
  queue: [
    ...GROUND,
    'persistence/persistence',
    'http/policy',
    'item',
    'store',
    'checksum',
    'strategies/strategy',
    'strategies/validity',
    'backends/backend',
  ],
  'persistence/persistence': [...GROUND, 'item', 'store', 'strategies/strategy'],
  'persistence/host': [...GROUND, 'item', 'store', 'queue', 'uploader', 'persistence/persistence'],
  persistence: [...GROUND, 'item', 'store', 'strategies/strategy', 'persistence/persistence'],
  'worker-environment': [...LEAVES, 'environment', 'http'],
  uploader: [...LEAVES, 'item', 'store', 'persistence/persistence', 'realtime/transport'],
  options: ALL,
  'create-uploader': ALL,
  index: ALL,
  testing: ALL,
}

/** What each package may import of the others: their public entries, never their files. @type {Record<string, readonly string[]>} */
const PACKAGES = {
  core: [],
  widget: ['@upload-panel/core'],
  react: ['@upload-panel/core', '@upload-panel/widget'],
  'server-adapter': ['@upload-panel/core/protocol', '@upload-panel/core/checksum'],
}

/** What is never published: tests, and what they share. */
const TEST = /\.(test|browser-test|service-test)\.tsx?$|^packages\/server-adapter\/src\/testing\//

/**
 * The imports that go the wrong way, each as one sentence. Tests may import what they like within their package's reach.
 * @param {ImportGraph} graph
 * @returns {string[]}
 */
export function breaches(graph) {
  return [...graph].flatMap(([path, imports]) =>
    imports.flatMap((imported) => {
      const reason = TEST.test(path) ? undefined : (betweenPackages(path, imported) ?? betweenRooms(path, imported))
      return reason === undefined ? [] : [`${path} imports ${imported}: ${reason}`]
    }),
  )
}

/** @param {string} path @param {string} imported */
function betweenPackages(path, imported) {
  const name = packageOf(path)
  const allowed = PACKAGES[name]
  if (allowed === undefined) return `packages/${name} is not in scripts/lib/imports/layers.mjs yet`
  if (imported.startsWith('packages/')) {
    return packageOf(imported) === name ? undefined : 'another package is imported by its name, not by its files'
  }
  const isOwnKind = imported.startsWith('@upload-panel/')
  if (!isOwnKind || allowed.some((entry) => imported === entry || imported.startsWith(`${entry}/`))) return undefined
  return `${name} may import ${allowed.join(' and ') || 'no other package of ours'}`
}

/** @param {string} path @param {string} imported */
function betweenRooms(path, imported) {
  if (packageOf(path) !== 'core' || !imported.startsWith('packages/core/src/')) return undefined
  const from = roomOf(path)
  const to = roomOf(imported)
  if (from === undefined || to === undefined)
    return `${from === undefined ? path : imported} has no room in scripts/lib/imports/layers.mjs yet`
  const allowed = CORE_ROOMS[from] ?? []
  if (from === to || allowed === ALL || (CORE_ROOMS[to] !== ALL && allowed.includes(to))) return undefined
  return `${from} may import ${allowed.join(', ') || 'nothing'}`
}

/** @param {string} path */
const packageOf = (path) => path.split('/')[1] ?? ''

/** @param {string} path */
function roomOf(path) {
  const name = moduleName(path).slice('packages/core/src/'.length)
  const rooms = Object.keys(CORE_ROOMS).filter((room) => name === room || name.startsWith(`${room}/`))
  return rooms.sort((a, b) => b.length - a.length)[0]
}
