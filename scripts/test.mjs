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

/** What the command line means: which gates, and how a person says so. */
function parseCommand() {
  const isNightly = process.argv.includes('--nightly')
  const command = isNightly ? 'npm run test:nightly' : 'npm test'
  const gates = isNightly ? NIGHTLY_GATES : GATES
  const all = gates.map(({ name }) => name)
  try {
    const { values } = parseArgs({ options: { only: { type: 'string' }, nightly: { type: 'boolean' } } })
    const names = values.only?.split(',') ?? all
    if (names.every((name) => all.includes(name))) return { gates: selectGates(gates, names), command, isNightly }
  } catch {}
  throw new Stop(`${command} runs every gate; ${command} -- --only <names> runs some, comma-separated: ${all.join(', ')}.`)
}

/** @param {import('./lib/gates/run.mjs').Finished} finished */
function printLine({ gate, outcome: { passed, failed, reason, note }, seconds }) {
  const counts = passed + failed > 1 ? [`${passed} passed`, failed > 0 ? `${failed} failed` : ''] : []
  const words = [...counts, reason, note].filter(Boolean).join(', ')
  console.log(`${failed > 0 ? '✗' : '✓'} ${gate.name.padEnd(10)} ${seconds.toFixed(1).padStart(6)} s  ${words}`.trimEnd())
}

/** @param {import('./lib/gates/run.mjs').Finished} finished @param {string} command */
function printFailure({ gate: { name }, outcome: { output } }, command) {
  const lines = output.trim().split('\n')
  if (output.trim() === '') return
  console.log(`\n── ${name}: the end of its output, all of it is in .cache/logs/${name}.log; again by: ${command} -- --only ${name}`)
  console.log(lines.slice(-TAIL_LINES).join('\n'))
}

await runScript(async () => {
  const { gates, command, isNightly } = parseCommand()
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
    tool: (args, options = {}) =>
      // Whoever looks at a night that takes hours, or was stopped in the middle, wants to know how far it is.
      runChild(tools.node, args, { cwd: fromRoot(), isShown: isNightly, ...options, env: { ...env, ...options.env } }),
  }
  const finished = await runGates(gates, run, (entry) => {
    writeFileSync(join(logs, `${entry.gate.name}.log`), entry.outcome.output)
    printLine(entry)
  })
  for (const entry of finished) if (entry.outcome.failed > 0) printFailure(entry, command)
  const passed = finished.reduce((total, { outcome }) => total + outcome.passed, 0)
  const failed = finished.reduce((total, { outcome }) => total + outcome.failed, 0)
  console.log(`\n${passed} passed, ${failed} failed`)
  return failed > 0 ? 1 : 0
})
