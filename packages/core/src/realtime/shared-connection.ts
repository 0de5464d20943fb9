import { browserTabs } from '../tabs.js'
import { shareTransport } from './shared-transport.js'
import type { RealtimeFactory } from './transport.js'

export interface SharedConnectionOptions {
  /**
   * Tabs that give the same name share a connection. The one that has it asks the server with its own address and its own token, for all of them:
   * name it after the server **and** the person who is signed in, or one person is told what another one may see.
   */
  readonly name: string
}

/**
 * One realtime connection for all tabs of an origin: a stream takes one of the six connections that HTTP/1.1 has for an origin from the uploads. The tab
 * that holds a Web Lock connects, the others hear of everything by `BroadcastChannel`; when it is closed, crashes or sleeps, another one connects.
 * Where a browser has neither, each tab has a connection of its own.
 *
 * @example
 * createUploader({ backend, realtime: sharedConnection(sse({ url: '/uploads/events' }), { name: `my-app ${user.id}` }) })
 */
export function sharedConnection(connect: RealtimeFactory, { name }: SharedConnectionOptions): RealtimeFactory {
  return (context) => shareTransport(connect, { name, ...browserTabs(), page: globalThis.window })(context)
}
