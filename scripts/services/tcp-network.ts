import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** The network between a client and a server, whatever they speak: it passes bytes on, and fails when it is told to. */
export interface TcpNetwork {
  /** Where clients connect, on 127.0.0.1. */
  readonly port: number
  /** Clients' connections that are open now. */
  connections(): number
  /** Whether nothing passes. */
  isCut(): boolean
  /** Attempts to connect that came to nothing. */
  vain(): number
  /** Breaks every connection, and each new one at once. */
  cut(): void
  /** Lets connections through again. */
  mend(): void
  /**
   * Half-open: connections that are open now stay so, and no byte passes in either direction any more, for good, as where a router has forgotten
   * them. New ones pass.
   */
  swallow(): void
  /** The same, and new ones are swallowed, too, until it is mended: packets are lost, as where a device has left its network without a word. */
  silence(): void
  close(): Promise<void>
}

/** `target` is asked for each connection: a server that was started again may listen elsewhere. */
export async function startTcpNetwork(target: () => number): Promise<TcpNetwork> {
  /** Each client's connection, with the one that it is passed on to. */
  const pairs = new Map<Socket, Socket>()
  /** Servers that were not told that their client is gone. */
  const orphans = new Set<Socket>()
  let isCut = false
  let isSilent = false
  let vain = 0

  const server = createServer((client) => {
    client.on('error', () => {})
    if (isCut || isSilent) vain += 1
    if (isCut) {
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
    if (isSilent) separate(client, upstream)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  function separate(client: Socket, upstream: Socket): void {
    client.unpipe(upstream).resume()
    upstream.unpipe(client).resume()
    orphans.add(upstream)
  }

  function swallow(): void {
    for (const [client, upstream] of pairs) separate(client, upstream)
  }

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
    isCut: () => isCut || isSilent,
    vain: () => vain,
    cut() {
      isCut = true
      breakAll()
    },
    mend() {
      isCut = isSilent = false
    },
    swallow,
    silence() {
      isSilent = true
      swallow()
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      breakAll()
      await closed
    },
  }
}
