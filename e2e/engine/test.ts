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
  server: async ({ protocol }, use) => {
    const server = await startEngineServer({ protocol })
    await use(server)
    await server.close()
  },
})
