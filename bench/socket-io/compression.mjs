// npm run bench:compression -- [--sockets 1000] [--words 50]
// What `perMessageDeflate` costs a Socket.IO server, and what it saves: one server process, as many WebSockets as are wanted, all in one room, to
// which words go out one after the other. Resident memory after a collection, processor time of the server for each word and socket, bytes on the line.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Server } from 'socket.io'
import { WebSocket } from 'ws'

const { values } = parseArgs({
  options: { sockets: { type: 'string', default: '1000' }, words: { type: 'string', default: '50' }, serve: { type: 'string' } },
})

/** What is left of an update for its result, beside what all have. */
const RESULTS = { '500 bytes': 200, '2,000 bytes': 1800 }
const SETTINGS = {
  'false, the default': false,
  true: true,
  // Only then small ones are left as they are.
  'no context kept, from 1,024 bytes': { threshold: 1024, serverNoContextTakeover: true, clientNoContextTakeover: true },
}

if (values.serve === undefined) await run()
else await serve(JSON.parse(values.serve))

/** @param {import('socket.io').ServerOptions['perMessageDeflate']} perMessageDeflate */
async function serve(perMessageDeflate) {
  const http = createServer()
  const io = new Server(http, { perMessageDeflate, pingInterval: 60_000 })
  io.on('connection', (socket) => socket.join('job:1'))
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const address = http.address()
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 })
  process.on('message', (/** @type {{ say?: unknown }} */ { say }) => {
    if (say !== undefined) io.local.to('job:1').emit('sync-status', say)
    else {
      global.gc?.()
      process.send?.({ cpu: process.cpuUsage(), rss: process.memoryUsage.rss(), sockets: io.of('/').sockets.size })
    }
  })
}

async function run() {
  const count = Number(values.sockets)
  const words = Number(values.words)
  console.log(`${count} sockets, ${words} words to each of them.`)
  for (const [size, padding] of Object.entries(RESULTS)) {
    for (const [name, setting] of Object.entries(SETTINGS)) {
      const { rssIdle, rssBusy, cpuMs, bytes } = await measure(count, words, padding, setting)
      const mib = (/** @type {number} */ value) => `${(value / 2 ** 20).toFixed(0)} MiB`
      const each = count * words
      console.log(
        `${size}, ${name}: ${mib(rssIdle)} connected, ${mib(rssBusy)} afterwards, ` +
          `${((cpuMs / each) * 1000).toFixed(1)} µs and ${(bytes / each).toFixed(0)} bytes a word and socket`,
      )
    }
  }
}

/** @param {number} count @param {number} words @param {number} padding @param {object | boolean} setting */
async function measure(count, words, padding, setting) {
  const server = fork(import.meta.filename, ['--serve', JSON.stringify(setting)], { execArgv: ['--expose-gc'] })
  const [{ port }] = await once(server, 'message')
  const state = async () => {
    server.send({})
    const [answer] = await once(server, 'message')
    return answer
  }
  /** @type {WebSocket[]} */
  const sockets = []
  let heard = 0
  for (let index = 0; index < count; index += 1) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`)
    sockets.push(socket)
    socket.on('message', (/** @type {Buffer} */ data) => {
      const text = data.toString()
      if (text.startsWith('0')) socket.send('40')
      else if (text.startsWith('42')) heard += 1
    })
    if (index % 50 === 49) await once(socket, 'open')
  }
  while ((await state()).sockets < count) await setTimeout(50)
  await setTimeout(500)
  const before = await state()
  const bytesBefore = bytesRead(sockets)
  for (let word = 1; word <= words; word += 1) {
    server.send({ say: wordOf(word, padding) })
    while (heard < word * count) await setTimeout(2)
  }
  const after = await state()
  const bytes = bytesRead(sockets) - bytesBefore
  const cpu = (/** @type {{ user: number, system: number }} */ { user, system }) => (user + system) / 1000
  for (const socket of sockets) socket.terminate()
  server.kill()
  await once(server, 'exit')
  return { rssIdle: before.rss, rssBusy: after.rss, cpuMs: cpu(after.cpu) - cpu(before.cpu), bytes }
}

/** @param {WebSocket[]} sockets */
function bytesRead(sockets) {
  // @ts-expect-error: no other way to know what came before it was unpacked.
  return sockets.reduce((sum, { _socket }) => sum + _socket.bytesRead, 0)
}

/** Much of a word is like the one before, and some of it is not. @param {number} version @param {number} padding */
function wordOf(version, padding) {
  const result = { url: `https://files.example.com/${crypto.randomUUID()}`, text: Array.from({ length: padding / 20 }, noise).join(' ') }
  return {
    operation_id: '5f0d8c9a-7c1e-4a55-9c59-0d7f4d2f1b11',
    operation_type: 'upload',
    status: 'in_progress',
    progress: version % 100,
    timestamp: new Date().toISOString(),
    version,
    job_id: '9b1e3e0b-6d39-4f0c-b8c3-4b7f7d9b2c55',
    result,
  }
}

/** Twenty characters, half of which say something. */
function noise() {
  return `caption ${Math.random().toString(36).slice(2, 13).padEnd(11, '0')}`
}
