import { bootstrap } from './lib/bootstrap.mjs'
import { build } from './lib/build.mjs'
import { runScript } from './lib/stop.mjs'

await runScript(async () => {
  const tools = await bootstrap()
  const { code } = await build({ ...tools, inherit: true })
  return code
})
