import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { CACHE, ROOT } from './paths.mjs'
import { Stop } from './stop.mjs'

/**
 * @typedef {object} Simulation
 * @property {(options: object) => Promise<string | undefined>} checkScenarios
 * @property {unknown} [adapterSimulatedServer]
 */

const SOURCES = [
  "export { checkScenarios } from './packages/core/src/testing/simulation/index.js'",
  "export { adapterSimulatedServer } from './packages/server-adapter/src/testing/simulated-server.js'",
]
const USAGE = 'npm run simulate -- [--runs 1000] [--seed 123 [--path "0:1:2"]] [--server memory|adapter]'
/** How often a long run says how far it is, in milliseconds. */
const TELL_MS = 10_000

/** @param {readonly string[]} args */
function parseOptions(args) {
  /** @param {string | undefined} text */
  const integer = (text) => {
    if (text !== undefined && !/^-?\d+$/.test(text)) throw new Stop(USAGE)
    return text === undefined ? undefined : Number(text)
  }
  try {
    const text = /** @type {const} */ ({ type: 'string' })
    const {
      runs,
      seed,
      path,
      server = 'memory',
    } = parseArgs({ args: [...args], options: { runs: text, seed: text, path: text, server: text } }).values
    if (server !== 'memory' && server !== 'adapter') throw new Stop(USAGE)
    return { runs: integer(runs) ?? 1000, seed: integer(seed) ?? Date.now() % 2 ** 31, path, server }
  } catch {
    throw new Stop(USAGE)
  }
}

/**
 * The sources as one module: Node runs no TypeScript whose imports end in `.js`.
 * @param {string} server
 */
async function load(server) {
  const outfile = join(CACHE, `simulation-${server}.mjs`)
  await build({
    stdin: {
      contents: SOURCES.slice(0, server === 'memory' ? 1 : 2).join('\n'),
      resolveDir: ROOT,
      loader: 'ts',
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['@upload-panel/source'],
    external: ['fast-check'],
    sourcemap: 'inline',
    outfile,
    logLevel: 'error',
  })
  return /** @type {Simulation} */ (await import(pathToFileURL(outfile).href))
}

/**
 * Plays scenarios and says how it went.
 * @param {readonly string[]} args
 * @returns {Promise<number>} the exit code
 */
export async function runSimulation(args) {
  const { runs, seed, path, server } = parseOptions(args)
  const { checkScenarios, adapterSimulatedServer } = await load(server)
  // Before the first of them: whatever ends this process, the seed is known.
  console.log(`Playing ${runs} scenarios with the ${server} server (seed ${seed}${path === undefined ? '' : `, from ${path} on`}).`)
  const startedAt = performance.now()
  let toldAt = startedAt
  let done = 0
  const failure = await checkScenarios({
    runs,
    seed,
    path,
    ...(adapterSimulatedServer !== undefined && { server: adapterSimulatedServer }),
    /** @type {(at: number, way: string) => string} */
    replay: (at, way) => `npm run simulate -- --seed ${at} --path "${way}"${server === 'adapter' ? ' --server adapter' : ''}`,
    onRun() {
      done += 1
      if (performance.now() - toldAt < TELL_MS) return
      toldAt = performance.now()
      console.log(`${done} played`)
    },
  })
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(failure ?? `${done} scenarios with the ${server} server held in ${seconds} s (seed ${seed}).`)
  return failure === undefined ? 0 : 1
}
