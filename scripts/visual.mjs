import { parseArgs } from 'node:util'
import { bootstrap } from './lib/bootstrap.mjs'
import { runChild } from './lib/child.mjs'
import { fromRoot } from './lib/paths.mjs'
import { runScript } from './lib/stop.mjs'
import { toolPath } from './lib/tools.mjs'

/** `npm run visual:update`: builds the stories and makes the references of the visual check anew; without `--update` it compares. */
await runScript(async () => {
  const { values } = parseArgs({ options: { update: { type: 'boolean', default: false } } })
  const { node, env } = await bootstrap()
  for (const args of [
    [toolPath('storybook'), 'build', '--output-dir', '.cache/storybook', '--quiet'],
    ['scripts/lib/visual/run.mjs', ...(values.update ? ['--update'] : [])],
  ]) {
    const { code } = await runChild(node, args, { cwd: fromRoot(), env, inherit: true })
    if (code !== 0) return code
  }
  return 0
})
