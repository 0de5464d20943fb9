import { fileURLToPath } from 'node:url'
import { bootstrap } from './lib/bootstrap.mjs'
import { runChild } from './lib/child.mjs'
import { runScript } from './lib/stop.mjs'
import { isAtLeast } from './lib/workspace-node.mjs'

await runScript(async () => {
  const { node, env } = await bootstrap()
  const args = process.argv.slice(2)
  // The engine wants a newer Node than this script: the tools' own plays for it.
  if (!isAtLeast(process.versions.node, [22, 13])) {
    const { code } = await runChild(node, [fileURLToPath(import.meta.url), ...args], { env, inherit: true })
    return code
  }
  const { runSimulation } = await import('./lib/simulation.mjs')
  return runSimulation(args)
})
