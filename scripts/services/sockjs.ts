import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { createServer as createSockJs } from 'sockjs'
import type { Stoppable } from './service.ts'

/** What tests need to know of the bridge. */
export interface SockJsBridge extends Stoppable {
  /** Port of 127.0.0.1 for SockJS, at the path `/stomp`. */
  readonly port: number
}

/** SockJS before a STOMP broker that does not speak it: each connection is passed on to one of TCP. */
export async function startSockJs(brokerPort: () => number): Promise<SockJsBridge> {
  const sockJs = createSockJs({ prefix: '/stomp', log: () => {} })
  sockJs.on('connection', (client) => {
    const broker = connect(brokerPort(), '127.0.0.1').setEncoding('utf8').setNoDelay(true)
    client.on('data', (text: string) => broker.write(text))
    client.on('close', () => broker.destroy())
    broker.on('data', (text: string) => client.write(text))
    broker.on('error', () => {})
    broker.on('close', () => client.close())
  })
  const server = createServer()
  sockJs.installHandlers(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
