import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bootstrap } from './lib/bootstrap.mjs'
import { runChild } from './lib/child.mjs'
import { GATES, NIGHTLY_GATES } from './lib/gates/list.mjs'
import { runGates, selectGates } from './lib/gates/run.mjs'
import { CACHE, fromRoot } from './lib/paths.mjs'
import { runScript, Stop } from './lib/stop.mjs'

const TAIL_LINES = 30

/** The gates that the command line means. */
function parseGates() {
  const all = GATES.map(({ name }) => name)
  try {
    const { values } = parseArgs({ options: { only: { type: 'string' }, nightly: { type: 'boolean', default: false } } })
    const gates = values.nightly ? NIGHTLY_GATES : GATES
    const names = values.only?.split(',') ?? gates.map(({ name }) => name)
    if (names.every((name) => gates.some((gate) => gate.name === name))) return selectGates(gates, names)
  } catch {}
  throw new Stop(`npm test runs every gate; npm test -- --only <names> runs some, comma-separated: ${all.join(', ')}.`)
}

/** @param {import('./lib/gates/run.mjs').Finished} finished */
function printLine({ gate, outcome: { passed, failed, reason, note }, seconds }) {
  const counts = passed + failed > 1 ? [`${passed} passed`, failed > 0 ? `${failed} failed` : ''] : []
  const words = [...counts, reason, note].filter(Boolean).join(', ')
  console.log(`${failed > 0 ? '✗' : '✓'} ${gate.name.padEnd(10)} ${seconds.toFixed(1).padStart(6)} s  ${words}`.trimEnd())
}

/** @param {import('./lib/gates/run.mjs').Finished} finished */
function printFailure({ gate: { name }, outcome: { output } }) {
  const lines = output.trim().split('\n')
  if (output.trim() === '') return
  console.log(`\n── ${name}: the end of its output, all of it is in .cache/logs/${name}.log; again by: npm test -- --only ${name}`)
  console.log(lines.slice(-TAIL_LINES).join('\n'))
}

await runScript(async () => {
  const gates = parseGates()
  const tools = await bootstrap()
  // A person's wish for or against colours meets the tools' own for their children, and Node prints a warning where both are set.
  const { NO_COLOR: _no, FORCE_COLOR: _yes, ...env } = tools.env
  const logs = join(CACHE, 'logs')
  mkdirSync(logs, { recursive: true })
  const run = {
    isCi: Boolean(process.env.CI) && process.env.CI !== 'false',
    tools: { node: tools.node, env },
    engines: [],
    /** @type {import('./lib/gates/gate.mjs').Run['tool']} */
    tool: (args, options = {}) => runChild(tools.node, args, { cwd: fromRoot(), ...options, env: { ...env, ...options.env } }),
  }
  const finished = await runGates(gates, run, (entry) => {
    writeFileSync(join(logs, `${entry.gate.name}.log`), entry.outcome.output)
    printLine(entry)
  })
  for (const entry of finished) if (entry.outcome.failed > 0) printFailure(entry)
  const passed = finished.reduce((total, { outcome }) => total + outcome.passed, 0)
  const failed = finished.reduce((total, { outcome }) => total + outcome.failed, 0)
  console.log(`\n${passed} passed, ${failed} failed`)
  return failed > 0 ? 1 : 0
})
