import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A line between the browser and a server whose way up is slow, for all connections together. */
export interface SlowLink {
  readonly port: number
  /** What came up so far and was handed on, with all that HTTP adds to the bytes of files. */
  readonly receivedBytes: number
  close(): Promise<void>
}

/** How often a little goes over the line, milliseconds. */
const TICK_MS = 5

export async function startSlowLink(targetPort: number, bytesPerSecond: number): Promise<SlowLink> {
  const sockets = new Set<Socket>()
  let receivedBytes = 0
  let budget = 0
  let last = performance.now()

  /** Takes turns between connections, a few kilobytes at a time. */
  const timer = setInterval(() => {
    const now = performance.now()
    budget = Math.min(budget + ((now - last) / 1000) * bytesPerSecond, bytesPerSecond / 10)
    last = now
    let hasMoved = true
    while (hasMoved && budget > 0) {
      hasMoved = false
      for (const socket of ups.keys()) {
        const chunk = socket.read() as Buffer | null
        if (chunk === null) continue
        hasMoved = true
        receivedBytes += chunk.length
        budget -= chunk.length
        ups.get(socket)?.write(chunk)
      }
    }
  }, TICK_MS)
  const ups = new Map<Socket, Socket>()

  const server = createServer({ highWaterMark: 16 * 1024 }, (socket) => {
    const up = connect(targetPort, '127.0.0.1')
    for (const one of [socket, up]) {
      sockets.add(one)
      one.on('error', () => {})
      one.on('close', () => {
        sockets.delete(one)
        ups.delete(socket)
        socket.destroy()
        up.destroy()
      })
    }
    ups.set(socket, up)
    // Reading begins: what arrives waits in the socket until the timer takes it.
    socket.on('readable', () => {})
    up.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    get receivedBytes() {
      return receivedBytes
    },
    async close() {
      clearInterval(timer)
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
