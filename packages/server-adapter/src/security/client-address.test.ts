import { describe, expect, test } from 'vitest'
import { type ClientAddress, createClientAddresses } from './client-address.js'

const errors: string[] = []
const addressesBy = (read: ClientAddress) => createClientAddresses(read, { error: (message) => void errors.push(message) })

describe('a client', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::1', '2001:db8:1:2'],
    ['2001:db8::', '2001:db8:0:0'],
    ['2001:0db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['not an address', 'not an address'],
  ])('at %s is counted as %s', (address, key) => {
    const addresses = addressesBy((_request, peer) => peer)
    const request = new Request('http://server/')
    addresses.note(request, address)
    expect(addresses.keyOf(request)).toBe(key)
  })

  test('behind a proxy is who the proxy says, and nobody where it says nothing', () => {
    const addresses = addressesBy((request) => request.headers.get('x-real-ip') ?? undefined)
    const [named, unnamed] = [new Request('http://server/', { headers: { 'x-real-ip': '192.0.2.1' } }), new Request('http://server/')]
    addresses.note(named, '10.0.0.1')
    addresses.note(unnamed, '10.0.0.1')
    expect([addresses.keyOf(named), addresses.keyOf(unnamed)]).toEqual(['192.0.2.1', undefined])
  })

  test('behind a proxy that adds to what was said is who it added', () => {
    const addresses = addressesBy((request) => request.headers.get('x-forwarded-for') ?? undefined)
    const request = new Request('http://server/', { headers: { 'x-forwarded-for': '192.0.2.66, 192.0.2.67, 192.0.2.1' } })
    addresses.note(request, '10.0.0.1')
    expect(addresses.keyOf(request)).toBe('192.0.2.1')
  })

  test('with an endless address takes no endless room', () => {
    const addresses = addressesBy(() => 'x'.repeat(100_000))
    const request = new Request('http://server/')
    addresses.note(request, undefined)
    expect(addresses.keyOf(request)).toHaveLength(100)
  })

  test('is not counted where the program cannot say who it is, and the operator is told', () => {
    const addresses = addressesBy(() => {
      throw new Error('No such header.')
    })
    const request = new Request('http://server/')
    addresses.note(request, '192.0.2.1')
    expect(addresses.keyOf(request)).toBeUndefined()
    expect(errors).toHaveLength(1)
  })
})
