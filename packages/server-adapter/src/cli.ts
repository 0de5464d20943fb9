#!/usr/bin/env node
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createSyncServer, type SyncServer } from './create-sync-server.js'
import { toNodeListener } from './frameworks/node.js'
import { sqlite } from './records/sqlite.js'
import { bearerToken } from './security/bearer-token.js'
import { disk } from './storage/disk.js'

const USAGE = `upload-panel-server: SQLite, local disk and Server-Sent Events on one port.

  --port <number>   port to listen on; 0 picks a free one   (8787)
  --host <address>  address to listen on                    (127.0.0.1)
  --data <folder>   where files and the database live       (./data)
  --token <text>    what clients must send as "authorization: Bearer <text>"; better given in UPLOAD_PANEL_TOKEN
  --open            let everyone who reaches the server do everything
  --cors <origin>   origin of pages on other hosts that may use it; may be repeated
  --help            this text
`
/** How long the last answers may take to leave, milliseconds. */
const LAST_ANSWERS_MS = 1000

interface Settings {
  readonly port: number
  readonly host: string
  readonly data: string
  readonly token: string | undefined
  readonly origins: readonly string[]
}

/** Reads the command line. Throws an `Error` whose message says what is wrong. */
function readSettings(): Settings | 'help' {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8787' },
      host: { type: 'string', default: '127.0.0.1' },
      data: { type: 'string', default: './data' },
      token: { type: 'string' },
      open: { type: 'boolean', default: false },
      cors: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`--port must be a number from 0 to 65535, not ${values.port}.`)
  const token = values.token ?? process.env['UPLOAD_PANEL_TOKEN']
  if (token === '') throw new Error('The token is empty. Give a longer one, or none and --open.')
  if (token !== undefined && values.open) throw new Error('Either a token or --open, not both.')
  // On this machine alone an open server is a fair default; for a whole network someone has to have meant it.
  const isLocal = ['127.0.0.1', '::1', 'localhost'].includes(values.host)
  if (token === undefined && !values.open && !isLocal) {
    throw new Error(
      `On ${values.host} the server would be open to everyone who reaches it. Set UPLOAD_PANEL_TOKEN, or write --open if that is meant.`,
    )
  }
  return { port, host: values.host, data: values.data, token, origins: values.cors }
}

async function start(settings: Settings): Promise<void> {
  const { port, host, data, token, origins } = settings
  const sync = await createSyncServer({
    records: sqlite({ path: join(data, 'records.db') }),
    storage: disk({ directory: join(data, 'files') }),
    ...(token === undefined ? { open: true } : { authorize: bearerToken(token) }),
    ...(origins.length > 0 && { cors: { origins } }),
  })
  // A large file on a slow line takes as long as it takes; a body that stands still is ended by the listener's server.
  const http = createServer({ requestTimeout: 0 }, toNodeListener(sync))
  http.on('error', (error) => {
    process.exitCode = 1
    console.error(`The server cannot listen on ${host}:${port}: ${error.message}`)
    void sync.close()
  })
  http.listen(port, host, () => {
    const address = http.address()
    const actual = typeof address === 'object' && address !== null ? address.port : port
    console.log(`upload-panel-server listens on http://${host.includes(':') ? `[${host}]` : host}:${actual}, data in ${data}`)
    console.log(
      token === undefined ? 'It is OPEN: everyone who reaches it may upload, see and cancel everything.' : 'Clients need the token.',
    )
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop(http, sync))
}

/** Waits for requests that are under way, and closes what is open. */
async function stop(http: Server, sync: SyncServer): Promise<void> {
  const closed = new Promise<void>((resolve) => http.close(() => resolve()))
  await sync.close()
  // What is left are answers on their way out, and clients that keep a connection without using it.
  http.closeIdleConnections()
  setTimeout(() => http.closeAllConnections(), LAST_ANSWERS_MS).unref()
  await closed
}

try {
  const settings = readSettings()
  if (settings === 'help') console.log(USAGE)
  else await start(settings)
} catch (error) {
  process.exitCode = 1
  console.error(error instanceof Error ? error.message : error)
}
