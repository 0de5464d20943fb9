import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@stomp/stompjs'
import SockJS from 'sockjs-client'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { describeWithRabbitMq } from '../../../../scripts/services/provided.js'
import { type RabbitMq, startRabbitMq } from '../../../../scripts/services/rabbitmq.js'
import { type SockJsBridge, startSockJs } from '../../../../scripts/services/sockjs.js'
import { startTcpNetwork } from '../../../../scripts/services/tcp-network.js'
import { browserEnvironment } from '../environment.js'
import { type ContractScene, type SceneOptions, transportContract } from '../testing/transport-contract.js'
import { stomp, type StompOptionsWithUrl } from './stomp.js'
import type { Topic } from './transport.js'

const ROUTING = { job: '/topic/job.{jobId}', operation: '/topic/upload.{operationId}' }
const PATIENCE = { timeout: 30_000, interval: 5 }
/** RabbitMQ takes no slashes there, and says so. */
const WRONG = { job: '/topic/job/{jobId}' }

describeWithRabbitMq('STOMP', () => {
  let directory: string
  let broker: RabbitMq
  let bridge: SockJsBridge
  /** What the broker takes from the page now. */
  let passcode = 'first'
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'upload-panel-stomp-'))
    broker = await startRabbitMq({ directory })
    bridge = await startSockJs(() => broker.tcpPort)
    await broker.addUser({ login: 'stranger', passcode: 'stranger' }, '^elsewhere')
    await broker.addUser({ login: 'page', passcode }, '.*')
  })
  afterAll(async () => {
    await bridge.stop()
    await broker.stop()
    await rm(directory, { recursive: true, force: true })
  })

  const common = (): Omit<ContractScene, 'factory' | 'network' | 'close'> => ({
    async publish(update) {
      await broker.publish(`/topic/job.${update.job_id}`, JSON.stringify(update))
      return update
    },
    kill: () => broker.kill(),
    start: () => broker.start(),
    freeze: () => broker.freeze(),
    thaw: () => broker.thaw(),
    async leftovers() {
      const count = await broker.subscriptions()
      return count === 0 ? [] : [`${count} subscriptions`]
    },
  })

  /** A client of ours, by whatever socket. */
  async function openOwn({ isRefused, isMisdirected }: SceneOptions, port: number, socket: (port: number) => Partial<StompOptionsWithUrl>) {
    const network = await startTcpNetwork(() => port)
    let known = passcode
    return {
      ...common(),
      factory: stomp({
        ...socket(network.port),
        connectHeaders({ attempt }) {
          if (isRefused) return { login: 'stranger', passcode: 'stranger' }
          // A page keeps its token until it is told that it is worth nothing.
          if (attempt > 1) known = passcode
          return { login: 'page', passcode: known }
        },
        destination: isMisdirected ? WRONG : ROUTING,
        heartbeatMs: 3000,
      }),
      network,
      expireToken() {
        passcode = crypto.randomUUID()
        return broker.expirePasscode({ login: 'page', passcode })
      },
      close: () => network.close(),
    }
  }

  transportContract('stomp, on RabbitMQ', {
    open: (options) => openOwn(options, broker.webPort, (port) => ({ url: `ws://127.0.0.1:${port}/ws` })),
  })

  transportContract('stomp, by SockJS', {
    open: (options) => openOwn(options, bridge.port, (port) => ({ webSocketFactory: () => new SockJS(`http://127.0.0.1:${port}/stomp`) })),
  })

  transportContract('stomp, by the page’s own client', {
    async open({ isRefused, isMisdirected }) {
      const network = await startTcpNetwork(() => broker.webPort)
      const client = new Client({
        brokerURL: `ws://127.0.0.1:${network.port}/ws`,
        connectHeaders: isRefused ? { login: 'stranger', passcode: 'stranger' } : { ...broker.admin },
        reconnectDelay: 500,
        connectionTimeout: 3000,
        heartbeatIncoming: 1000,
        discardWebsocketOnCommFailure: true,
      })
      client.activate()
      return {
        ...common(),
        factory(context) {
          const transport = stomp({ client, destination: isMisdirected ? WRONG : ROUTING })(context)
          return {
            ...transport,
            dispose() {
              transport.dispose()
              void client.deactivate({ force: true })
            },
          }
        },
        network,
        close: () => network.close(),
      }
    },
    cannot: { token: 'whoever makes the client renews its token' },
  })

  /** What is heard of some topics. */
  function follow(options: StompOptionsWithUrl, ...ids: readonly string[]) {
    const transport = stomp(options)({ environment: browserEnvironment() })
    onTestFinished(() => transport.dispose())
    /** Whose turn it was each time. */
    const order: string[] = []
    const heard = ids.map((id) => {
      const facts: string[] = []
      const add = (fact: string) => {
        facts.push(fact)
        order.push(id)
      }
      transport.subscribe(
        { kind: 'job', id },
        { onMessage: (raw) => add(String(raw)), onSubscribed: () => add('subscribed'), onRefused: ({ code }) => add(code) },
      )
      return facts
    })
    return { order, heard }
  }

  it.each<[string, () => StompOptionsWithUrl]>([
    ['a WebSocket', () => ({ url: `ws://127.0.0.1:${broker.webPort}/ws` })],
    ['SockJS', () => ({ webSocketFactory: () => new SockJS(`http://127.0.0.1:${bridge.port}/stomp`) })],
  ])('what RabbitMQ refuses over %s does not take the others along', async (_what, address) => {
    const destination = (topic: Topic) => `/topic/${topic.kind === 'job' ? topic.id : ''}`
    const options = { ...address(), connectHeaders: { login: 'stranger', passcode: 'stranger' }, destination }
    const { order, heard } = follow(options, 'forbidden.1', 'elsewhere.1')
    const [bad = [], good = []] = heard
    await vi.waitUntil(() => bad.includes('auth'), PATIENCE)
    // RabbitMQ ends the connection for it, and all come back over the next one.
    await vi.waitUntil(() => order.lastIndexOf('elsewhere.1') > order.indexOf('forbidden.1'), PATIENCE)
    const count = good.length
    await broker.publish('/topic/elsewhere.1', 'heard')
    await vi.waitUntil(() => good.length > count, PATIENCE)
    expect([bad, good.slice(count)]).toEqual([['auth'], ['heard']])
  })

  it.each(['websocket', 'xhr-streaming', 'xhr-polling'])('follows by SockJS over %s', async (transports) => {
    const webSocketFactory = () => new SockJS(`http://127.0.0.1:${bridge.port}/stomp`, null, { transports })
    const options = { webSocketFactory, connectHeaders: { ...broker.admin }, destination: ROUTING }
    const [heard = []] = follow(options, transports).heard
    await vi.waitUntil(() => heard.includes('subscribed'), PATIENCE)
    const body = JSON.stringify('ü'.repeat(50_000))
    await broker.publish(`/topic/job.${transports}`, body)
    await vi.waitUntil(() => heard.length > 1, PATIENCE)
    expect(heard).toEqual(['subscribed', body])
  })
})
