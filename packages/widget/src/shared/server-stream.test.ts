import { expect, it } from 'vitest'
import { serverAddress, serverStream } from './server-stream.js'

it('a server is known by its address, however it is written', () => {
  expect(serverAddress('/uploads/')).toBe(serverAddress('/uploads'))
  expect(serverAddress('https://example.com/uploads/')).toBe(serverAddress('https://EXAMPLE.com:443/uploads'))
  expect(serverAddress('/uploads')).not.toBe(serverAddress('/Uploads'))
})

it('a stream is one for a server, and another one for another', () => {
  expect(serverStream('/uploads/')).toBe(serverStream('/uploads'))
  expect(serverStream('/others')).not.toBe(serverStream('/uploads'))
})
