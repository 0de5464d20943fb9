import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A line between the browser and a server whose way up is slow, for all connections together. */
export interface SlowLink {
  readonly port: number
  /** What came up so far and was handed on, with all that HTTP adds to the bytes of files. */
  readonly receivedBytes: number
  /** The same, with what has reached this end and waits for its turn. */
  readonly arrivedBytes: number
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
  const { port } = server.address() as AddressInfo

  return {
    port,
    get receivedBytes() {
      return receivedBytes
    },
    get arrivedBytes() {
      const readBytes = [...ups.keys()].reduce((total, { readableLength }) => total + readableLength, receivedBytes)
      return readBytes + unreadBytes(port)
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

const LINUX_SOCKETS = '/proc/net/tcp'
/** A state in that list. In another one, that of a socket that listens, connections are counted and not bytes. */
const ESTABLISHED = '01'

/** What the system has received at a port of 127.0.0.1, and nobody has read yet. Only Linux tells. */
function unreadBytes(port: number): number {
  if (!existsSync(LINUX_SOCKETS)) return 0
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  let bytes = 0
  for (const line of readFileSync(LINUX_SOCKETS, 'latin1').split('\n')) {
    // Queues are two hexadecimal numbers: what waits to be sent, and what waits to be read.
    const [, address, , state, queues = ''] = line.trim().split(/\s+/)
    if (address === local && state === ESTABLISHED) bytes += Number.parseInt(queues.split(':')[1] ?? '0', 16)
  }
  return bytes
}
