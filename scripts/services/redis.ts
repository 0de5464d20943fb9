import { connect } from 'node:net'
import { freePort } from '../lib/free-port.mjs'
import { startDaemon } from './daemon.ts'
import type { ServiceOptions, Stoppable } from './service.ts'

/** What tests need to know of Redis. */
export interface RedisService {
  readonly url: string
}

/** Redis, as Debian packages it, in memory alone. */
export async function startRedis({ directory, log }: ServiceOptions): Promise<RedisService & Stoppable> {
  const port = await freePort()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', '', '--appendonly', 'no']
  const daemon = startDaemon('redis-server', args, log)
  await daemon.ready(() => answers(port))
  return { url: `redis://127.0.0.1:${port}`, stop: () => daemon.kill() }
}

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    socket.once('error', () => resolve(false))
    socket.once('data', (answer) => {
      socket.destroy()
      resolve(answer.toString().startsWith('+PONG'))
    })
  })
