import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type Client, Versions } from '@stomp/stompjs'

/** A WebSocket, or what behaves like one. */
export type StompSocket = ReturnType<NonNullable<Client['webSocketFactory']>>

/** Where brokers listen that were not told otherwise. */
const PORTS = { 'stomp:': 61613, 'stomp+ssl:': 61614 }

/** Makes the sockets of connections to a broker. Throws a `TypeError` where that is no address of one. */
export function socketsTo(address: string): () => StompSocket {
  const url = URL.canParse(address) ? new URL(address) : undefined
  const protocol = url?.protocol.replace(/^http/, 'ws')
  if (url !== undefined && (protocol === 'stomp:' || protocol === 'stomp+ssl:')) {
    const target = { host: url.hostname.replaceAll(/^\[|\]$/g, ''), port: Number(url.port) || PORTS[protocol] }
    return () => tcpSocket(target, protocol === 'stomp+ssl:')
  }
  if (url !== undefined && (protocol === 'ws:' || protocol === 'wss:')) {
    const { href } = url
    return () => new WebSocket(href.replace(/^http/, 'ws'), Versions.default.protocolVersions())
  }
  throw new TypeError('`url` has to be the address of a broker: `wss://…`, `ws://…`, `stomp+ssl://…` or `stomp://…`.')
}

/** STOMP as it is without a WebSocket around it: what is received comes in any pieces, which the client puts together. */
function tcpSocket(target: { readonly host: string; readonly port: number }, isSecure: boolean): StompSocket {
  const tcp = isSecure ? connectTls(target) : connectTcp(target)
  tcp.setNoDelay(true)
  const socket = {
    url: `${target.host}:${target.port}`,
    readyState: 0,
    onopen: null,
    onclose: null,
    onerror: null,
    onmessage: null,
    send(data) {
      if (typeof data !== 'string') throw new TypeError('Only text is sent to a broker.')
      tcp.write(data)
    },
    close() {
      socket.readyState = Math.max(socket.readyState, 2)
      tcp.end()
    },
    terminate: () => tcp.destroy(),
  } as { -readonly [Key in keyof StompSocket]: StompSocket[Key] }

  tcp.once(isSecure ? 'secureConnect' : 'connect', () => {
    socket.readyState = 1
    socket.onopen?.()
  })
  tcp.on('data', ({ buffer, byteOffset, byteLength }) => {
    socket.onmessage?.({ data: buffer.slice(byteOffset, byteOffset + byteLength) })
  })
  tcp.on('error', (error) => socket.onerror?.(error))
  tcp.once('close', (hadError) => {
    socket.readyState = 3
    socket.onclose?.({ wasClean: !hadError, code: hadError ? 1006 : 1000, reason: '' })
  })
  return socket
}
