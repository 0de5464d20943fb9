import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { io } from 'socket.io-client'
import { expect, onTestFinished, test } from 'vitest'
import { createSyncServer } from '../../create-sync-server.js'
import { toNodeListener } from '../../frameworks/node.js'
import { memory } from '../../records/memory.js'
import { disk } from '../../storage/disk.js'
import { temporaryDirectory } from '../../testing/harness.js'
import { PATIENCE } from '../../testing/patience.js'
import { embedSocketIo } from './embedded.js'

async function start(origins?: readonly string[] | '*') {
  const socketIo = await embedSocketIo(origins && { origins })
  if (socketIo === undefined) throw new Error('socket.io is a dependency of these tests.')
  const directory = await temporaryDirectory()
  const sync = await createSyncServer({
    records: memory(),
    storage: disk({ directory: directory.path }),
    open: true,
    publishers: [socketIo.publisher],
    ...(origins !== undefined && { cors: { origins } }),
  })
  const http = createServer(toNodeListener(sync))
  socketIo.attach(http)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  onTestFinished(async () => {
    http.close()
    http.closeAllConnections()
    await sync.close()
    await directory.remove()
  })
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  function connect(origin?: string, transport: 'websocket' | 'polling' = 'websocket') {
    const socket = io(url, {
      forceNew: true,
      reconnection: false,
      transports: [transport],
      ...(origin !== undefined && { extraHeaders: { origin } }),
    })
    onTestFinished(() => void socket.disconnect())
    return new Promise<typeof socket>((resolve, reject) => socket.once('connect', () => resolve(socket)).once('connect_error', reject))
  }
  return { url, http, sync, connect }
}

test('it shares the port of the server, which answers everything else', async () => {
  const { url, sync, connect } = await start()
  const socket = await connect()
  expect(await socket.emitWithAck('join-upload', 'all')).toEqual({ ok: true })
  const told = new Promise((resolve) => void socket.once('sync-status', resolve))
  const id = await sync.manager.createSyncOperation({ operation_type: 'update' })
  expect(await told).toMatchObject({ operation_id: id })
  expect((await fetch(`${url}/queries/health`)).status).toBe(200)
  expect((await fetch(`${url}/nothing`)).status).toBe(404)
})

test.each(['websocket', 'polling'] as const)('pages of other sites are not let in, by %s', async (transport) => {
  const { url, connect } = await start(['https://app.example.com'])
  await expect(connect('https://evil.example.com', transport)).rejects.toThrow(
    `${transport === 'polling' ? 'xhr poll' : 'websocket'} error`,
  )
  for (const origin of ['https://app.example.com', url, undefined]) expect((await connect(origin, transport)).connected).toBe(true)
})

test('where all origins may use the server, all may connect', async () => {
  const { connect } = await start('*')
  expect((await connect('https://anywhere.example.com')).connected).toBe(true)
})

test(
  'all connections end with the server, so that its port is free',
  async () => {
    const { http, sync, connect } = await start()
    const socket = await connect()
    const left = new Promise((resolve) => void socket.once('disconnect', resolve))
    const closed = once(http, 'close')
    http.close()
    await sync.close()
    await left
    http.closeIdleConnections()
    await closed
    expect(http.listening).toBe(false)
  },
  PATIENCE.timeout,
)

test('a client that sends much is sent away', async () => {
  const { connect } = await start()
  const socket = await connect()
  const left = new Promise((resolve) => void socket.once('disconnect', resolve))
  socket.emit('join-upload', `job:${'x'.repeat(100_000)}`)
  expect(await left).toBe('transport close')
})
