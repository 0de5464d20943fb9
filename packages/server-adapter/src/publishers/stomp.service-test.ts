import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@stomp/stompjs'
import { browserEnvironment } from '@upload-panel/core'
import { parseSyncStatusUpdate } from '@upload-panel/core/protocol'
import { createStatusMonitor, statusRoutes } from '@upload-panel/core/status'
import { stomp } from '@upload-panel/core/stomp'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { describeWithRabbitMq } from '../../../../scripts/services/provided.js'
import { type RabbitMq, startRabbitMq } from '../../../../scripts/services/rabbitmq.js'
import { startTcpNetwork } from '../../../../scripts/services/tcp-network.js'
import { systemClock } from '../clock.js'
import { type Harness, startHarness, temporaryDirectory } from '../testing/harness.js'
import { SILENT } from '../testing/postgres-database.js'
import { stompPublisher, type StompPublisherOptions } from './stomp.js'

const PATIENCE = { timeout: 40_000, interval: 5 }
type Topic = Parameters<ReturnType<ReturnType<typeof stomp>>['subscribe']>[0]

/** RabbitMQ takes no slashes there. */
const DESTINATION = { job: '/topic/job.{jobId}', operation: '/topic/upload.{operationId}', all: '/topic/all.{subject}' }

describeWithRabbitMq('the STOMP publisher on RabbitMQ', () => {
  let directory: string
  let broker: RabbitMq
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'upload-panel-stomp-publisher-'))
    broker = await startRabbitMq({ directory })
  })
  afterAll(async () => {
    await broker.stop()
    await rm(directory, { recursive: true, force: true })
  })

  const overTcp = (port = broker.tcpPort) => ({ url: `stomp://127.0.0.1:${port}`, connectHeaders: { ...broker.admin } })
  const overWeb = () => ({ url: `ws://127.0.0.1:${broker.webPort}/ws`, connectHeaders: { ...broker.admin } })

  async function serve(options: StompPublisherOptions): Promise<Harness> {
    const files = await temporaryDirectory()
    const publisher = stompPublisher({ destination: DESTINATION, ...options })
    const server = await startHarness(files.path, { publishers: [publisher], logger: SILENT })
    onTestFinished(async () => {
      await server.close()
      await files.remove()
    })
    return server
  }

  /** What a page hears by the transport, and by nothing else. */
  async function follow(topic: Topic) {
    const page = stomp({ ...overWeb(), destination: DESTINATION, subject: 'everyone' })({ environment: browserEnvironment() })
    onTestFinished(() => page.dispose())
    const heard: unknown[] = []
    await new Promise<void>((onSubscribed, onRefused) => {
      page.subscribe(topic, { onMessage: (raw) => heard.push(JSON.parse(String(raw))), onSubscribed, onRefused })
    })
    return { heard }
  }

  test.each([
    ['TCP', overTcp],
    ['WebSocket', overWeb],
  ])('what the manager says over %s is heard by those who follow the job, the operation, or everything', async (_way, address) => {
    const { manager } = (await serve(address())).sync
    const hostile = 'a\r\nSEND\ndestination:/topic/job.x\n\n{}\0 <b>"\u{1F600}'
    const job_id = crypto.randomUUID()
    const [job, all] = [await follow({ kind: 'job', id: job_id }), await follow({ kind: 'all' })]
    const id = await manager.createSyncOperation({ operation_type: 'full_sync', job_id, source: hostile })
    const operation = await follow({ kind: 'operation', id })
    await manager.completeSyncOperation(id, 'completed', { result: { name: hostile } })
    const word = await manager.get(id)
    expect(JSON.stringify(word?.result)).toContain('SEND\\ndestination')
    for (const page of [job, all, operation]) await vi.waitFor(() => expect(page.heard).toContainEqual(word), PATIENCE)
    expect(job.heard).toHaveLength(2)
    for (const raw of job.heard) expect(parseSyncStatusUpdate(raw).ok).toBe(true)
  })

  test('by the team’s own client', async () => {
    const client = new Client({ brokerURL: overWeb().url, connectHeaders: { ...broker.admin } })
    onTestFinished(() => client.deactivate({ force: true }))
    const { manager } = (await serve({ client })).sync
    const page = await follow({ kind: 'job', id: 'own' })
    const id = await manager.createSyncOperation({ operation_type: 'update', job_id: 'own' })
    client.activate()
    await vi.waitFor(() => expect(page.heard).toEqual([expect.objectContaining({ operation_id: id })]), PATIENCE)
  })

  test('while the broker is dead commands go on as ever; once it is back, the last word on each operation is there, and none is missing', async () => {
    const own = await temporaryDirectory()
    const mortal = await startRabbitMq({ directory: own.path })
    onTestFinished(async () => {
      await mortal.stop()
      await own.remove()
    })
    const address = { url: `stomp://127.0.0.1:${mortal.tcpPort}`, connectHeaders: { ...mortal.admin } }
    const { manager } = (await serve({ ...address, headers: { persistent: 'true' } })).sync

    // A queue of the broker's that survives it, as a team's own consumers have.
    const heard = new Map<string, string>()
    const consumer = new Client({
      brokerURL: `ws://127.0.0.1:${mortal.webPort}/ws`,
      connectHeaders: { ...mortal.admin },
      reconnectDelay: 300,
    })
    const consume = () =>
      consumer.subscribe(
        '/topic/all.#',
        ({ body }) => {
          const { operation_id, status } = JSON.parse(body)
          heard.set(operation_id, status)
        },
        { id: 'audit', durable: 'true', 'auto-delete': 'false', receipt: 'consuming' },
      )
    onTestFinished(() => consumer.deactivate({ force: true }))
    await new Promise<void>((resolve) => {
      consumer.onConnect = () => {
        consumer.watchForReceipt('consuming', () => resolve())
        consume()
      }
      consumer.activate()
    })

    const create = async (count: number) => {
      const ids: string[] = []
      for (let index = 0; index < count; index += 1) ids.push(await manager.createSyncOperation({ operation_type: 'upload' }))
      return ids
    }
    const before = await create(20)
    await vi.waitFor(() => expect(heard.size).toBe(20), PATIENCE)
    await mortal.kill()
    const during = await create(50)
    for (const id of [...before, ...during]) await manager.completeSyncOperation(id, 'completed')
    expect([...heard.values()].every((status) => status === 'pending')).toBe(true)
    await mortal.start()
    await vi.waitFor(() => {
      for (const id of [...before, ...during]) expect(heard.get(id)).toBe('completed')
    }, PATIENCE)
  })

  test('a page ends where the server is, though the broker froze, and forgot half of what it was told', async () => {
    const network = await startTcpNetwork(() => broker.tcpPort)
    onTestFinished(() => network.close())
    const server = await serve({ ...overTcp(network.port), timeoutMs: 1000 })
    const monitor = createStatusMonitor({
      backend: statusRoutes({ url: server.url }),
      realtime: stomp({ ...overWeb(), destination: DESTINATION, subject: 'everyone', heartbeatMs: 3000, trusted: true }),
    })
    onTestFinished(() => monitor.dispose())
    monitor.$operations.listen(() => {})
    await vi.waitFor(() => expect(monitor.$connection.get().status).toBe('connected'), PATIENCE)
    const { manager } = server.sync
    const id = await manager.createSyncOperation({ operation_type: 'upload' })
    const shown = () => monitor.$operations.get().find(({ operation_id }) => operation_id === id)?.status
    await vi.waitFor(() => expect(shown()).toBe('pending'), PATIENCE)
    network.swallow()
    await manager.updateSyncProgress(id, 50)
    await vi.waitFor(() => expect(shown()).toBe('in_progress'), PATIENCE)
    broker.freeze()
    await manager.completeSyncOperation(id, 'completed')
    broker.thaw()
    await vi.waitFor(() => expect(shown()).toBe('completed'), PATIENCE)
  })

  test('whom the broker lets follow their own topics alone hears of nothing else, and can tell nothing', async () => {
    const { manager } = (await serve(overTcp())).sync
    // As the recipe has it.
    const topics = '^((job|upload)[.][A-Za-z0-9_:~=-]+|all[.]{username})$'
    await broker.addUser({ login: 'anna', passcode: 'anna' }, topics, { mayPublish: false })
    const address = { url: `ws://127.0.0.1:${broker.webPort}/ws`, connectHeaders: { login: 'anna', passcode: 'anna' } }
    const heard: string[] = []
    const destinations = new Map([
      ['own', '/topic/all.anna'],
      ['bert', '/topic/all.bert'],
      ['everything', '/topic/#'],
      ['jobs', '/topic/job.*'],
    ])
    // RabbitMQ ends the whole connection for what it refuses: the first two share one.
    for (const names of [['own', 'bert'], ['everything'], ['jobs']]) {
      const destination = (topic: Topic) => (topic.kind === 'job' ? (destinations.get(topic.id) ?? '') : '')
      const page = stomp({ ...address, destination })({ environment: browserEnvironment() })
      onTestFinished(() => page.dispose())
      for (const id of names) {
        page.subscribe(
          { kind: 'job', id },
          {
            onMessage: (raw) => heard.push(`${id} heard ${JSON.parse(String(raw)).source}`),
            onSubscribed: () => heard.push(`${id} subscribed`),
            onRefused: () => heard.push(`${id} refused`),
          },
        )
      }
    }
    const refusals = ['bert refused', 'everything refused', 'jobs refused']
    await vi.waitFor(() => expect(heard).toEqual(expect.arrayContaining(refusals)), PATIENCE)
    // After the refusal, too.
    await vi.waitFor(() => expect(heard.lastIndexOf('own subscribed')).toBeGreaterThan(heard.indexOf('bert refused')), PATIENCE)
    await manager.createSyncOperation({ operation_type: 'upload', subject: 'bert', source: 'of another' })
    await manager.createSyncOperation({ operation_type: 'upload', subject: 'anna', source: 'own' })
    await vi.waitFor(() => expect(heard).toContain('own heard own'), PATIENCE)
    expect(heard.filter((word) => !word.endsWith('subscribed')).toSorted()).toEqual([...refusals, 'own heard own'].toSorted())
    const forger = stompPublisher({ ...address, destination: DESTINATION })
    await forger.open({ clock: systemClock, logger: SILENT })
    const timestamp = '2026-01-01T00:00:00.000Z'
    const word = {
      operation_id: 'o',
      operation_type: 'upload',
      status: 'completed',
      progress: 100,
      timestamp,
      version: 1e9,
      job_id: 'mine',
    } as const
    await expect(forger.publish([{ subject: 'anna', createdAtMs: 0, word }])).rejects.toThrow('hung up')
    await forger.close()
  })
})
