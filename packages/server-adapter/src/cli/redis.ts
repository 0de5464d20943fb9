import { settledWithin, systemClock } from '../clock.js'
import type { Logger } from '../logger.js'
import { isMissing } from '../node-error.js'
import type { SocketIoAdapter } from '../publishers/socket-io/embedded.js'
import { SettingsError } from './settings-error.js'

const PACKAGES = ['redis', '@socket.io/redis-streams-adapter']
/** How long Redis may take to answer when the program starts, milliseconds: later it may be away for as long as it takes. */
const CONNECT_MS = 5000

/** What Socket.IO servers at the same Redis tell each other by. Its connection ends with the program. */
export async function connectRedis(url: string, logger: Logger): Promise<SocketIoAdapter> {
  const { createClient, createAdapter } = await load()
  const client = createClient({ url, socket: { connectTimeout: CONNECT_MS } })
  // Before it was there once, the program does not start.
  let isAway = true
  client.on('error', (error: unknown) => {
    // It says so with each attempt to come back.
    if (!isAway) logger.error('Redis does not answer: clients of Socket.IO hear by their next snapshot until it is back.', error)
    isAway = true
  })
  client.on('ready', () => {
    isAway = false
  })
  const connected = client.connect().then(
    () => true,
    () => false,
  )
  if (!(await settledWithin(systemClock, CONNECT_MS, connected)) || !(await connected)) {
    client.destroy()
    throw new SettingsError(`Redis does not answer at ${new URL(url).host}. Is the address of --redis right, and its password?`)
  }
  return createAdapter(client)
}

async function load() {
  try {
    const [{ createClient }, { createAdapter }] = await Promise.all([import('redis'), import('@socket.io/redis-streams-adapter')])
    return { createClient, createAdapter }
  } catch (error) {
    throw isMissing(error, PACKAGES)
      ? new SettingsError(`--redis needs what is not installed: npm install socket.io ${PACKAGES.join(' ')}`)
      : error
  }
}
