import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from '@stomp/stompjs'
import { freePort } from '../lib/free-port.mjs'
import { type Daemon, startDaemon } from './daemon.ts'
import type { ServiceOptions, Stoppable } from './service.ts'

const run = promisify(execFile)

/** Who may connect; a `host` header is not needed. */
export interface StompLogin {
  readonly login: string
  readonly passcode: string
}

/** A broker of a test's own, which it may treat badly. */
export interface RabbitMq extends Stoppable {
  /** Port of 127.0.0.1 for STOMP over WebSocket, at the path `/ws`. */
  readonly webPort: number
  /** Port of 127.0.0.1 for STOMP over TCP. */
  readonly tcpPort: number
  /** May publish and follow everything. */
  readonly admin: StompLogin
  /** Resolves when the broker has taken the message. */
  publish(destination: string, body: string): Promise<void>
  /** A new user, who may follow those topics alone whose routing key the regular expression finds, and publish anything, or nothing. */
  addUser(user: StompLogin, topics: string, rights?: { readonly mayPublish: boolean }): Promise<void>
  /** Gives a user another passcode and ends all connections of the broker. */
  expirePasscode(user: StompLogin): Promise<void>
  /** How many subscriptions the broker holds. */
  subscriptions(): Promise<number>
  /** SIGKILL. */
  kill(): Promise<void>
  /** Starts it again after `kill`, on the same ports and data. */
  start(): Promise<void>
  /** SIGSTOP. */
  freeze(): void
  /** SIGCONT. */
  thaw(): void
}

const PROGRAMS = '/usr/lib/rabbitmq/bin'

/**
 * RabbitMQ with Web STOMP, as Debian packages it, with files and ports of its own. Nothing of it needs root, and only this machine reaches it.
 * Erlang's port mapper (`epmd`) is started here, too: one that the broker starts itself would outlive it.
 */
export async function startRabbitMq({ directory, log }: ServiceOptions): Promise<RabbitMq> {
  const [webPort, tcpPort, mapperPort, nodePort] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const env = environment(directory, mapperPort, nodePort)
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  const names = { configuration: join(directory, 'rabbitmq.conf'), plugins: join(directory, 'enabled_plugins') }
  for (const name of ['mnesia', 'log', 'home']) await mkdir(join(directory, name))
  await writeFile(names.configuration, configuration(webPort, tcpPort))
  await writeFile(names.plugins, '[rabbitmq_stomp,rabbitmq_web_stomp].\n')

  const admin = { login: 'guest', passcode: 'guest' }
  const mapper = startDaemon('epmd', ['-address', '127.0.0.1', '-port', String(mapperPort)], log)
  let broker: Daemon | undefined
  let publisher: Promise<Client> | undefined
  let messages = 0

  async function start(): Promise<void> {
    broker = startDaemon('env', [...variables, join(PROGRAMS, 'rabbitmq-server')], log)
    await broker.ready(async () => (await accepts(webPort)) && (await accepts(tcpPort)))
  }

  async function kill(): Promise<void> {
    await disconnectPublisher()
    await broker?.kill()
  }

  async function stop(): Promise<void> {
    await kill()
    await mapper.kill()
  }

  function connectPublisher(): Promise<Client> {
    const client = new Client({ brokerURL: `ws://127.0.0.1:${webPort}/ws`, connectHeaders: { ...admin }, reconnectDelay: 0 })
    return new Promise((resolve, reject) => {
      client.onConnect = () => resolve(client)
      client.onStompError = ({ body }) => reject(new Error(body))
      client.onWebSocketClose = () => (publisher = undefined)
      client.activate()
    })
  }

  async function disconnectPublisher(): Promise<void> {
    const client = await publisher
    publisher = undefined
    await client?.deactivate({ force: true })
  }

  /** In the broker itself, by Erlang; answers with the value as text. */
  async function evaluate(...expressions: readonly string[]): Promise<string> {
    const args = ['eval', `${expressions.join(', ')}.`]
    const { stdout } = await run(join(PROGRAMS, 'rabbitmqctl'), args, { env: { ...process.env, ...env } })
    return stdout.trim()
  }

  try {
    await mapper.ready(() => accepts(mapperPort))
    await start()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    webPort,
    tcpPort,
    admin,
    start,
    stop,
    kill,
    freeze: () => broker?.signal('SIGSTOP'),
    thaw: () => broker?.signal('SIGCONT'),
    async publish(destination, body) {
      publisher ??= connectPublisher()
      const client = await publisher
      messages += 1
      const receipt = `message-${messages}`
      await new Promise<void>((resolve) => {
        client.watchForReceipt(receipt, () => resolve())
        client.publish({ destination, body, headers: { receipt } })
      })
    },
    async addUser({ login, passcode }, topics, { mayPublish } = { mayPublish: true }) {
      const [name, word, all] = [login, passcode, '.*'].map(binary)
      // As the recipe for STOMP has it: whoever follows needs a queue of their own, and to read from the exchange.
      const [own, read] = mayPublish ? [all, all] : ['^stomp-subscription-', '^(amq[.]topic|stomp-subscription-.*)$'].map(binary)
      await evaluate(
        `rabbit_auth_backend_internal:add_user(${name}, ${word}, ${TESTER})`,
        `rabbit_auth_backend_internal:set_permissions(${name}, ${HOST}, ${own}, ${own}, ${read}, ${TESTER})`,
        `rabbit_auth_backend_internal:set_topic_permissions(${name}, ${HOST}, <<"amq.topic">>, ${all}, ${binary(topics)}, ${TESTER})`,
      )
    },
    async expirePasscode({ login, passcode }) {
      await disconnectPublisher()
      await evaluate(
        `rabbit_auth_backend_internal:change_password(${binary(login)}, ${binary(passcode)}, ${TESTER})`,
        '[amqp_direct_connection:server_close(Connection, 320, <<"The token has expired">>) || Connection <- rabbit_direct:list()]',
      )
    },
    subscriptions: async () => Number(await evaluate('length(rabbit_amqqueue:list())')),
  }
}

const HOST = binary('/')
const TESTER = binary('tests')

function binary(text: string): string {
  return `<<"${text}">>`
}

const accepts = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })

const environment = (directory: string, mapperPort: number, nodePort: number) => ({
  // Erlang keeps a secret there by which its programs know each other.
  HOME: join(directory, 'home'),
  ERL_EPMD_ADDRESS: '127.0.0.1',
  ERL_EPMD_PORT: String(mapperPort),
  RABBITMQ_DIST_PORT: String(nodePort),
  RABBITMQ_NODENAME: 'upload-panel@localhost',
  RABBITMQ_MNESIA_BASE: join(directory, 'mnesia'),
  RABBITMQ_LOG_BASE: join(directory, 'log'),
  RABBITMQ_PID_FILE: join(directory, 'pid'),
  RABBITMQ_CONFIG_FILE: join(directory, 'rabbitmq.conf'),
  RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, 'enabled_plugins'),
  // What the machine is configured for does not count here.
  RABBITMQ_CONF_ENV_FILE: '/dev/null',
  RABBITMQ_ADVANCED_CONFIG_FILE: join(directory, 'advanced.config'),
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
  // Then its script becomes the broker instead of waiting for it, so that a signal reaches it.
  RUNNING_UNDER_SYSTEMD: 'true',
})

const configuration = (webPort: number, tcpPort: number) => `listeners.tcp = none
stomp.listeners.tcp.1 = 127.0.0.1:${tcpPort}
web_stomp.tcp.ip = 127.0.0.1
web_stomp.tcp.port = ${webPort}
web_stomp.ws_path = /ws
loopback_users.guest = true
log.console = false
`
