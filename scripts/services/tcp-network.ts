import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** The network between a client and a server, whatever they speak: it passes bytes on, and fails when it is told to. */
export interface TcpNetwork {
  /** Where clients connect, on 127.0.0.1. */
  readonly port: number
  /** Clients' connections that are open now. */
  connections(): number
  isCut(): boolean
  /** Attempts to connect that came while it was cut. */
  refused(): number
  /** Breaks every connection, and each new one at once. */
  cut(): void
  /** Lets connections through again. */
  mend(): void
  /**
   * Half-open: connections that are open now stay so, and no byte passes in either direction any more, for good, as where a router has forgotten
   * them. New ones pass.
   */
  swallow(): void
  close(): Promise<void>
}

/** `target` is asked for each connection: a server that was started again may listen elsewhere. */
export async function startTcpNetwork(target: () => number): Promise<TcpNetwork> {
  /** Each client's connection, with the one that it is passed on to. */
  const pairs = new Map<Socket, Socket>()
  /** Servers that were not told that their client is gone. */
  const orphans = new Set<Socket>()
  let isCut = false
  let refused = 0

  const server = createServer((client) => {
    client.on('error', () => {})
    if (isCut) {
      refused += 1
      client.resetAndDestroy()
      return
    }
    const upstream = connect(target(), '127.0.0.1')
    pairs.set(client, upstream)
    client.setNoDelay(true)
    upstream.setNoDelay(true)
    client.pipe(upstream)
    upstream.pipe(client)
    client.on('close', () => {
      pairs.delete(client)
      if (!orphans.has(upstream)) upstream.destroy()
    })
    upstream.on('error', () => {})
    upstream.on('close', () => {
      if (!orphans.delete(upstream)) client.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  function breakAll(): void {
    for (const [client, upstream] of pairs) {
      client.resetAndDestroy()
      upstream.destroy()
    }
    for (const upstream of orphans) upstream.destroy()
  }

  return {
    port: (server.address() as AddressInfo).port,
    connections: () => pairs.size,
    isCut: () => isCut,
    refused: () => refused,
    cut() {
      isCut = true
      breakAll()
    },
    mend() {
      isCut = false
    },
    swallow() {
      for (const [client, upstream] of pairs) {
        client.unpipe(upstream).resume()
        upstream.unpipe(client).resume()
        orphans.add(upstream)
      }
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      breakAll()
      await closed
    },
  }
}
