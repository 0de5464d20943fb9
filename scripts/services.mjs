import { bootstrap } from './lib/bootstrap.mjs'
import { runChild } from './lib/child.mjs'
import { adviceFor, ensureServices, missingServices } from './lib/debian-services.mjs'
import { fromRoot } from './lib/paths.mjs'
import { runScript } from './lib/stop.mjs'

await runScript(async () => {
  const { node, env } = await bootstrap()
  await ensureServices(env)
  const missing = missingServices()
  if (missing.length > 0) console.log(`Without ${adviceFor(missing)}.`)
  const { code } = await runChild(node, [fromRoot('scripts', 'services', 'run.ts'), ...process.argv.slice(2)], { inherit: true, env })
  return code
})
