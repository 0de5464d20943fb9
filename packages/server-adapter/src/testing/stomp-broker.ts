import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

/** What a client sent. */
export interface ReceivedFrame {
  readonly command: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A STOMP broker that a test plays: it takes frames, and answers as it is told. */
export interface StompBroker {
  readonly url: string
  /** All that was sent, over all connections. */
  readonly frames: readonly ReceivedFrame[]
  /** Connections that were made so far. */
  connections(): number
  /** How it answers from now on; as a broker that is well until it is told otherwise. */
  answer(how: (frame: ReceivedFrame) => string): void
  hangUp(): void
  close(): Promise<void>
}

/** An answer that is none: the connection ends. */
export const HANG_UP = 'HANG_UP'
export const CONNECTED = 'CONNECTED\nversion:1.2\nheart-beat:0,0\n\n\0'
export const receiptFor = ({ headers }: ReceivedFrame): string =>
  headers['receipt'] === undefined ? '' : `RECEIPT\nreceipt-id:${headers['receipt']}\n\n\0`
export const wellAnswer = (frame: ReceivedFrame): string => (frame.command === 'CONNECT' ? CONNECTED : receiptFor(frame))

const ESCAPES: Readonly<Record<string, string>> = { '\\n': '\n', '\\r': '\r', '\\c': ':', '\\\\': '\\' }
const unescapeHeader = (text: string) => text.replaceAll(/\\[nrc\\]/g, (escape) => ESCAPES[escape] ?? '')

function parse(text: string): ReceivedFrame {
  const head = text.slice(0, text.indexOf('\n\n'))
  const [command = '', ...lines] = head.split('\n')
  const headers = Object.fromEntries(lines.map((line) => line.split(/:(.*)/s).map(unescapeHeader)))
  return { command, headers, body: text.slice(head.length + 2) }
}

export async function startStompBroker(): Promise<StompBroker> {
  const frames: ReceivedFrame[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  let answer = wellAnswer

  const server = createServer((socket) => {
    connections += 1
    sockets.add(socket)
    let rest = ''
    socket.setEncoding('utf8')
    socket.on('data', (text: string): void => {
      const parts = (rest + text).split('\0')
      rest = parts.pop() ?? ''
      for (const part of parts) {
        const frame = parse(part.trimStart())
        frames.push(frame)
        const said = answer(frame)
        if (said === HANG_UP) return void socket.destroy()
        // In pieces, as networks do.
        socket.write(said.slice(0, 3))
        socket.write(said.slice(3))
      }
    })
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  function hangUp(): void {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `stomp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    frames,
    connections: () => connections,
    answer(how) {
      answer = how
    },
    hangUp,
    async close() {
      const closed = once(server, 'close')
      server.close()
      hangUp()
      await closed
    },
  }
}
