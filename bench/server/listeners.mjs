// Thousands of event streams as bare sockets in a process of its own: what is measured is the server. Notes when each word came.
import { connect } from 'node:net'

/** When each version came to whom, in nanoseconds of the clock that all processes of this machine share. @type {Map<number, bigint[]>} */
const heardAt = new Map()
/** @type {import('node:net').Socket[]} */
const sockets = []
let open = 0

/** @param {number} port */
function listen(port) {
  const socket = connect(port, '127.0.0.1', () => socket.write('GET /events?all=1 HTTP/1.1\r\nhost: bench\r\n\r\n'))
  socket.setEncoding('latin1')
  socket.on('error', () => {})
  let isOpen = false
  socket.on('data', (text) => {
    const now = process.hrtime.bigint()
    if (!isOpen && String(text).includes('retry:')) {
      isOpen = true
      open += 1
    }
    for (const match of String(text).matchAll(/"version":(\d+)/g)) {
      const version = Number(match[1])
      const times = heardAt.get(version)
      if (times === undefined) heardAt.set(version, [now])
      else times.push(now)
    }
  })
  sockets.push(socket)
}

const untilOpen = (/** @type {number} */ count) =>
  new Promise((resolve) => {
    const timer = setInterval(() => {
      if (open < count) return
      clearInterval(timer)
      resolve(undefined)
    }, 20)
  })

/** @param {{ do: 'open', port: number, count: number } | { do: 'times' }} order */
async function obey(order) {
  if (order.do === 'open') {
    while (sockets.length < order.count) {
      const before = sockets.length
      for (let index = 0; index < 100 && sockets.length < order.count; index += 1) listen(order.port)
      await untilOpen(before)
    }
    await untilOpen(order.count)
    heardAt.clear()
    process.send?.({ answer: {} })
  } else process.send?.({ answer: [...heardAt].map(([version, times]) => [version, times.map(String)]) })
}

process.on('message', (/** @type {Parameters<typeof obey>[0]} */ order) => void obey(order))
