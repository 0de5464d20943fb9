import { bootstrap } from './lib/bootstrap.mjs'
import { CEPH_ADVICE, ensureCeph, hasCeph } from './lib/ceph.mjs'
import { runChild } from './lib/child.mjs'
import { fromRoot } from './lib/paths.mjs'
import { runScript } from './lib/stop.mjs'

await runScript(async () => {
  const { node, env } = await bootstrap()
  await ensureCeph(env)
  if (!hasCeph()) console.log(`No S3, because Ceph is missing: ${CEPH_ADVICE}.`)
  const { code } = await runChild(node, [fromRoot('scripts', 'services', 'run.ts'), ...process.argv.slice(2)], { inherit: true, env })
  return code
})
