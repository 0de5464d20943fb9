import { test as base } from '../support/test.js'
import { type EngineServer, type Protocol, startEngineServer } from './server.js'

interface Fixtures {
  readonly protocol: Protocol
  /** The server of this test alone. */
  readonly server: EngineServer
}

export const test = base.extend<Fixtures>({
  protocol: ['http/1.1', { option: true }],
  // The certificate is signed by nobody.
  ignoreHTTPSErrors: true,
  server: async ({ protocol }, use, testInfo) => {
    // Not among temporary files, which are memory on many a Linux; and what a run that was killed has left here, the next one clears away.
    const server = await startEngineServer(protocol, testInfo.outputPath('server'))
    await use(server)
    await server.close()
  },
})
