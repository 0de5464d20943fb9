import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { browserEnvironment, createUploader, httpBackend, type RealtimeFactory } from '@upload-panel/core'
import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import { socketIo } from '@upload-panel/core/socket-io'
import { sse } from '@upload-panel/core/sse'
import { createStatusMonitor, statusRoutes } from '@upload-panel/core/status'
import { stomp } from '@upload-panel/core/stomp'
import { expect, onTestFinished, test, vi } from 'vitest'
import { freePort } from '../lib/free-port.mjs'
import { fromRoot } from '../lib/paths.mjs'
import { compile } from './compile.ts'
import { startPostgres } from './postgres.ts'
import { describeWithPostgresql, describeWithRabbitMq, describeWithRedis, describeWithS3 } from './provided.ts'
import { startRabbitMq } from './rabbitmq.ts'
import { startRedis } from './redis.ts'
import { createSyncNode, type SyncNode } from './sync-node.ts'
import { DESTINATION, SUBJECT } from './sync-node-words.ts'
import { startTcpNetwork } from './tcp-network.ts'

const JOBS = 120
const PATIENCE = { timeout: 60_000, interval: 20 }

interface Cluster {
  readonly nodes: readonly [SyncNode, SyncNode]
  /** Does the jobs, and answers no requests. */
  readonly worker: SyncNode
  /** Where pages find one of the nodes. */
  readonly url: string
  /** From now on connections go to the other node. */
  moveOn(): void
}

async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'upload-panel-nodes-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

/** Two nodes and a worker over one PostgreSQL, and what balances pages between the nodes. */
async function startCluster(args: readonly string[], ofTheFirst: readonly string[] = []): Promise<Cluster> {
  const directory = await temporaryFolder()
  const database = await startPostgres({ directory: await temporaryFolder() })
  onTestFinished(() => database.stop())
  const program = await compile(fromRoot('scripts', 'services', 'sync-node-program.ts'), directory)
  const ports = await Promise.all([freePort(), freePort()])
  const common = ['--directory', directory, '--postgres', database.url, ...args]
  const node = (port: number, more: readonly string[] = []) => createSyncNode(program, [...common, '--port', String(port), ...more])
  const nodes = [node(ports[0], ofTheFirst), node(ports[1])] as const
  const worker = createSyncNode(program, [...common, '--jobs', String(JOBS), '--steps', '20', '--pause', '60'])
  for (const process of [...nodes, worker]) onTestFinished(() => process.kill())
  for (const process of nodes) await process.start()
  let current: number = ports[0]
  const balancer = await startTcpNetwork(() => current)
  onTestFinished(() => balancer.close())
  return {
    nodes,
    worker,
    url: `http://127.0.0.1:${balancer.port}`,
    moveOn() {
      current = ports[1]
    },
  }
}

/** A page follows all that the worker does; in the middle of it its node is killed. */
async function expectToFollow({ nodes, worker, url, moveOn }: Cluster, realtime: RealtimeFactory): Promise<void> {
  const [first] = nodes
  const heard: SyncStatusUpdate[] = []
  const listening: RealtimeFactory = (context) => {
    const transport = realtime(context)
    return {
      ...transport,
      subscribe: (topic, handlers) =>
        transport.subscribe(topic, {
          ...handlers,
          onMessage(raw, bytes) {
            heard.push((typeof raw === 'string' ? JSON.parse(raw) : raw) as SyncStatusUpdate)
            handlers.onMessage(raw, bytes)
          },
        }),
    }
  }
  const monitor = createStatusMonitor({ realtime: listening, backend: statusRoutes({ url }), environment: browserEnvironment() })
  onTestFinished(() => monitor.dispose())
  monitor.$operations.listen(() => {})
  await vi.waitFor(() => expect(monitor.$connection.get().status).toBe('connected'), PATIENCE)

  const isWorkDone = worker.start()
  await vi.waitFor(() => expect(heard.length).toBeGreaterThan(50), PATIENCE)
  moveOn()
  await first.kill()
  const before = heard.length
  // The other node tells what the worker goes on doing.
  await vi.waitFor(() => expect(heard.length).toBeGreaterThan(before + 50), PATIENCE)
  await isWorkDone
  await worker.acknowledges(Infinity)

  const last = new Map(worker.acknowledged.map((word) => [word.operation_id, word]))
  expect(last.size).toBe(JOBS)
  await vi.waitFor(() => {
    const shown = new Map(monitor.$operations.get().map((word) => [word.operation_id, word]))
    for (const { operation_id, version } of last.values()) {
      expect(shown.get(operation_id)).toMatchObject({ status: 'completed', progress: 100, version })
    }
  }, PATIENCE)
}

describeWithPostgresql('two nodes and a worker over PostgreSQL', () => {
  test('tell a page by Server-Sent Events, also when its node is killed', async () => {
    const cluster = await startCluster([])
    await expectToFollow(cluster, sse({ url: `${cluster.url}/events` }))
  }, 180_000)

  describeWithRedis('and Redis', () => {
    test('tell a page by Socket.IO, also when its node is killed', async () => {
      const redis = await startRedis({ directory: await temporaryFolder() })
      onTestFinished(() => redis.stop())
      const cluster = await startCluster(['--redis', redis.url])
      await expectToFollow(cluster, socketIo({ url: cluster.url }))
    }, 180_000)
  })

  describeWithS3('and S3', (service) => {
    test('finish an upload whose node was killed while it processed it', async () => {
      const cluster = await startCluster(['--s3', JSON.stringify(service)], ['--endless'])
      const { url, moveOn } = cluster
      const uploader = createUploader({ backend: httpBackend({ url }), realtime: sse({ url: `${url}/events` }) })
      onTestFinished(() => uploader.dispose())
      const [id = ''] = uploader.add([new File(['hello'], 'hello.txt')])
      const item = uploader.$item(id)
      await vi.waitFor(() => expect(item.get()?.server).toMatchObject({ status: 'in_progress', stage: 'hashing' }), PATIENCE)
      moveOn()
      await cluster.nodes[0].kill()
      await vi.waitFor(() => expect(item.get()?.phase).toBe('completed'), PATIENCE)
      expect(item.get()).toMatchObject({ attempt: 1, result: createHash('sha256').update('hello').digest('hex') })
    }, 180_000)
  })

  describeWithRabbitMq('and RabbitMQ', () => {
    test('tell a page by STOMP, also when the node that told the broker is killed', async () => {
      const broker = await startRabbitMq({ directory: await temporaryFolder() })
      onTestFinished(() => broker.stop())
      const cluster = await startCluster(['--broker', String(broker.tcpPort)])
      const { login, passcode } = broker.admin
      const url = `ws://127.0.0.1:${broker.webPort}/ws`
      await expectToFollow(
        cluster,
        stomp({ url, connectHeaders: { login, passcode }, destination: DESTINATION, subject: SUBJECT, trusted: true }),
      )
    }, 180_000)
  })
})
