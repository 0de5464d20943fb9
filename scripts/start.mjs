import { createServer } from 'node:net'
import { bootstrap } from './lib/bootstrap.mjs'
import { build, isBuilt } from './lib/build.mjs'
import { runChild } from './lib/child.mjs'
import { fromRoot } from './lib/paths.mjs'
import { runScript, Stop } from './lib/stop.mjs'

const { PORT: port = '4173', HOST: host = '127.0.0.1', UPLOAD_PANEL_DATA: data = fromRoot('.data') } = process.env

/**
 * Asks before the build what the server would find out after it.
 * @throws {Stop}
 */
const checkPort = () =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (/** @type {NodeJS.ErrnoException} */ { code, message }) => {
      const isTaken = code === 'EADDRINUSE'
      const reason = isTaken
        ? `Port ${port} is in use by another program: stop it, or choose another port by PORT, as in PORT=${Number(port) + 1} npm start.`
        : message
      reject(new Stop(reason))
    })
    probe.listen({ port: Number(port), host }, () => probe.close(resolve))
  })

await runScript(async () => {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new Stop(`PORT is ${JSON.stringify(port)}: it must be a number from 0 to 65535.`)
  const { node, env } = await bootstrap()
  await checkPort()
  if (!isBuilt()) {
    console.log('Building the packages …')
    const { code } = await build({ node, env, inherit: true })
    if (code !== 0) throw new Stop('The packages cannot be built: the reason is above.')
  }
  const server = fromRoot('examples', 'demo', 'server.mjs')
  const { code } = await runChild(node, [server], { inherit: true, env: { ...env, PORT: port, HOST: host, UPLOAD_PANEL_DATA: data } })
  return code
})
