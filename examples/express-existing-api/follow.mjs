import { sse } from '@upload-panel/core/sse'
import { createStatusMonitor, statusRoutes } from '@upload-panel/core/status'

/** Signs in, sends a document, and prints what becomes of it as it happens: what a page does with the same four lines. */
const api = process.env.API || 'http://127.0.0.1:3000'
const text = 'It was the best of times, it was the worst of times. '.repeat(20_000)

/** @param {string} path @param {RequestInit} init */
async function post(path, init) {
  const response = await fetch(`${api}${path}`, { method: 'POST', ...init })
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
  return response.json()
}

const { token } = await post('/login', {
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ name: 'anna', password: 'correct horse' }),
})
const headers = { authorization: `Bearer ${token}` }

const status = createStatusMonitor({
  realtime: sse({ url: `${api}/sync/events`, headers }),
  backend: statusRoutes({ url: `${api}/sync`, headers }),
})
const { id, operation } = await post('/documents?title=A%20tale', { headers: { ...headers, 'content-type': 'text/plain' }, body: text })
console.log(`Document ${id} is operation ${operation}.`)
/** @type {import('@upload-panel/core/protocol').SyncStatusUpdate | undefined} */
let last
status.$operations.subscribe((operations) => {
  const word = operations.find(({ operation_id }) => operation_id === operation)
  if (word === undefined || word === last) return
  last = word
  console.log(`${word.status} ${Math.round(word.progress)} %`, word.result ?? '')
  if (word.status === 'completed' || word.status === 'failed') setImmediate(() => status.dispose())
})
