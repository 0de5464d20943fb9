import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import { hasService } from '../../scripts/lib/debian-services.mjs'
import { startRabbitMq } from '../../scripts/services/rabbitmq.js'
import { startSocketIo } from '../../scripts/services/socket-io.js'
import { SHORT_DELAYS } from '../../scripts/services/supabase/options.js'
import { allowListening, broadcastOperation, createOperations, writeOperation } from '../../scripts/services/supabase-operations.js'
import { startSupabase } from '../../scripts/services/supabase.js'
import { startSyncServer } from '../../scripts/services/sync-server.js'

/** A real server of one transport, in the hands of a test. */
export interface RealtimeServer {
  readonly port: number
  /** What the page needs to reach it through a port of 127.0.0.1. */
  options(port: number): Promise<object>
  /** Resolves with the update as it was told: a server may give versions of its own. */
  publish(update: SyncStatusUpdate): Promise<SyncStatusUpdate>
  /** Changes what it knows and tells nobody, also while it is down. @default it keeps nothing, and gives no versions */
  change?(update: SyncStatusUpdate): Promise<SyncStatusUpdate>
  /** SIGKILL. */
  kill(): Promise<void>
  /** Starts it again. */
  start(): Promise<void>
  stop(): Promise<void>
}

export interface RealtimeServerKind {
  /** For the page. */
  readonly transport: string
  /** Whether this machine has what it takes. */
  readonly isHere: boolean
  open(directory: string): Promise<RealtimeServer>
}

async function openSupabase(changes: boolean): Promise<RealtimeServer> {
  const project = await startSupabase({ delays: SHORT_DELAYS })
  await createOperations(project)
  await allowListening(project)
  return {
    port: Number(new URL(project.url).port),
    options: async (port) => ({ url: `http://127.0.0.1:${port}`, key: project.anonKey, token: await project.token(), changes }),
    publish: (update) => (changes ? writeOperation(project, update) : broadcastOperation(project, update)),
    kill: () => project.kill(),
    async start() {
      await project.restart()
      await project.untilFollowed()
    },
    stop: () => project.stop(),
  }
}

export const REALTIME_SERVERS: Readonly<Record<string, RealtimeServerKind>> = {
  'Server-Sent Events': {
    transport: 'sse',
    isHere: true,
    async open(directory) {
      const server = await startSyncServer({ directory })
      return { ...server, options: async (port) => ({ url: `http://127.0.0.1:${port}/events`, token: server.token() }) }
    },
  },
  'Socket.IO': {
    transport: 'socket-io',
    isHere: true,
    async open() {
      const server = await startSocketIo()
      return {
        ...server,
        options: async (port) => ({ url: `http://127.0.0.1:${port}`, token: server.token() }),
        async publish(update) {
          await server.publish(update)
          return update
        },
      }
    },
  },
  'STOMP on RabbitMQ': {
    transport: 'stomp',
    isHere: hasService('rabbitmq'),
    async open(directory) {
      const broker = await startRabbitMq({ directory })
      return {
        ...broker,
        port: broker.webPort,
        options: async (port) => ({ url: `ws://127.0.0.1:${port}/ws`, connectHeaders: broker.admin }),
        async publish(update) {
          await broker.publish(`/topic/job.${update.job_id}`, JSON.stringify(update))
          return update
        },
      }
    },
  },
  'Supabase broadcast': { transport: 'supabase', isHere: hasService('postgresql'), open: () => openSupabase(false) },
  'Supabase rows': { transport: 'supabase', isHere: hasService('postgresql'), open: () => openSupabase(true) },
}
