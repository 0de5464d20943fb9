import { isIPv6 } from 'node:net'
import type { Logger } from '../logger.js'

/**
 * Says which address a request came from, where that is known: `peer` is who opened the connection. Behind a proxy that is the proxy; then read the
 * header that it writes, and no other, since clients can write headers, too. Of a list, such as `X-Forwarded-For`, the last entry counts: the proxy's own.
 */
export type ClientAddress = (request: Request, peer: string | undefined) => string | undefined

/** Knows who sent which request. */
export interface ClientAddresses {
  note(request: Request, peer: string | undefined): void
  /** By what one client is counted; `undefined` where that is not known. */
  keyOf(request: Request): string | undefined
}

const MAX_LENGTH = 100

export function createClientAddresses(read: ClientAddress, logger: Pick<Logger, 'error'>): ClientAddresses {
  const addresses = new WeakMap<Request, string>()
  return {
    note(request, peer) {
      try {
        const address = read(request, peer)?.split(',').at(-1)?.trim().slice(0, MAX_LENGTH)
        if (address) addresses.set(request, networkOf(address))
      } catch (error) {
        // It is no reason to refuse everyone.
        logger.error('clientAddress failed: the request is not counted by its address.', error)
      }
    },
    keyOf: (request) => addresses.get(request),
  }
}

/** Of IPv6 a client has a whole network of 64 bits, and could come from another address each time. */
function networkOf(address: string): string {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? []
  if (mapped !== undefined) return mapped
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? []
  const first = head === '' ? [] : head.split(':')
  const last = tail ? tail.split(':') : []
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => '0')
  const groups = [...first, ...zeros, ...last].slice(0, 4)
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')
}
