import { bootstrap } from './lib/bootstrap.mjs'
import { build, isBuilt } from './lib/build.mjs'
import { runChild } from './lib/child.mjs'
import { fromRoot } from './lib/paths.mjs'
import { runScript, Stop } from './lib/stop.mjs'

await runScript(async () => {
  const { node, env } = await bootstrap()
  if (!isBuilt()) {
    console.log('Building the packages …')
    const { code } = await build({ node, env, inherit: true })
    if (code !== 0) throw new Stop('The packages cannot be built: the reason is above.')
  }
  // The server reads PORT, HOST and UPLOAD_PANEL_DATA, says where it listens, and why when it cannot.
  const { code } = await runChild(node, [fromRoot('examples', 'demo', 'server.mjs')], { inherit: true, env })
  return code
})
