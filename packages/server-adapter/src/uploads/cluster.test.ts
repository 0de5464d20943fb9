import { setImmediate } from 'node:timers/promises'
import { join } from 'node:path'
import { isTerminal, type SyncStatusUpdate } from '@upload-panel/core/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { consoleLogger } from '../logger.js'
import { memory } from '../records/memory.js'
import { disk } from '../storage/disk.js'
import { type Harness, startHarness, temporaryDirectory } from '../testing/harness.js'
import { type ManualClock, manualClock } from '../testing/manual-clock.js'
import { PATIENCE } from '../testing/patience.js'
import { type Cluster, createCluster } from './cluster.js'
import type { ProcessHook } from './processing.js'

let clock: ManualClock
beforeEach(() => {
  clock = manualClock()
})

/** Lets time pass in steps, with what is done at each of them. */
async function pass(ms: number, step = 1000): Promise<void> {
  for (let passed = 0; passed < ms; passed += step) {
    clock.advance(step)
    for (let turn = 0; turn < 10; turn += 1) await setImmediate()
  }
}

describe('processes over the same leases', () => {
  let nodes: readonly [Cluster, Cluster]
  beforeEach(async () => {
    const records = memory()
    await records.open({ clock, logger: consoleLogger })
    const create = (nodeId: string) => createCluster({ leases: records.leases, clock, logger: consoleLogger, nodeId })
    nodes = [create('node-1'), create('node-2')]
    for (const node of nodes) await node.join()
  })

  test('do one thing at a time about one upload', async () => {
    const order: string[] = []
    const first = Promise.withResolvers<void>()
    const one = nodes[0].exclusively('a', async () => {
      order.push('first begins')
      await first.promise
      order.push('first ends')
    })
    const two = nodes[1].exclusively('a', async () => void order.push('second'))
    await nodes[1].exclusively('b', async () => void order.push('other'))
    expect(order).toEqual(['first begins', 'other'])
    first.resolve()
    await one
    await pass(1000)
    await two
    expect(order.slice(2)).toEqual(['first ends', 'second'])
  })

  test('keep what they hold however long it takes, and the others are refused in the end', async () => {
    const long = Promise.withResolvers<void>()
    const one = nodes[0].exclusively('a', () => long.promise)
    await pass(90_000)
    const two = nodes[1].exclusively('a', async () => {}).catch((error: unknown) => error)
    await pass(21_000)
    expect(await two).toMatchObject({ status: 503, code: 'upload_busy', retryable: true })
    long.resolve()
    await one
  })

  test('give back what they hold when it goes wrong', async () => {
    await expect(nodes[0].exclusively('a', () => Promise.reject(new RangeError('no')))).rejects.toThrow('no')
    expect(await nodes[1].exclusively('a', async () => 'yes')).toBe('yes')
  })

  test('know of each other who lives, and at once who has left', async () => {
    await pass(120_000)
    expect(await nodes[1].isAlive(nodes[0].nodeId)).toBe(true)
    await nodes[0].leave()
    // What was seen alive a moment ago is not asked about again.
    await pass(11_000)
    expect(await nodes[1].isAlive(nodes[0].nodeId)).toBe(false)
    expect(await nodes[1].isAlive(nodes[1].nodeId)).toBe(true)
  })
})

describe('two servers over one database and one storage', () => {
  const bytes = Buffer.from('hello')
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>
  let servers: Harness[]
  beforeEach(async () => {
    directory = await temporaryDirectory()
    servers = []
  })
  afterEach(async () => {
    for (const server of servers) await server.close()
    await directory.remove()
  })

  async function start(process: ProcessHook, itsClock = clock): Promise<Harness> {
    const storage = { ...disk({ directory: join(directory.path, 'files') }), isShared: true }
    const server = await startHarness(directory.path, { clock: itsClock, process, storage })
    servers.push(server)
    return server
  }
  const endless: ProcessHook = (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', reject))
  const wordOf = async (server: Harness, id: string) => (await server.sync.manager.get(id)) as SyncStatusUpdate

  /** Lets time pass until something has come true: how many turns requests and files take nobody knows. */
  async function passUntil<T>(look: () => Promise<T | undefined> | T | undefined, step: number): Promise<T> {
    for (let turn = 0; turn < 2000; turn += 1) {
      const found = await look()
      if (found !== undefined) return found
      await pass(step, step)
    }
    throw new Error('It did not come true.')
  }

  const endOf = (server: Harness, id: string) =>
    passUntil(async () => {
      const word = await wordOf(server, id)
      return isTerminal(word.status) ? word : undefined
    }, 1000)

  test('complete an upload once, whichever of them is asked, and how often', async () => {
    let runs = 0
    const hook: ProcessHook = () => void (runs += 1)
    const [one, two] = [await start(hook), await start(hook)]
    const planned = await one.create({ size: 5 })
    await one.send(planned, bytes)
    const asked = [one, two, one, two].map((server) => server.post(`commands/uploads/${planned.operation_id}/complete`, {}))
    let answers: readonly Response[] | undefined
    void Promise.all(asked).then((all) => (answers = all))
    for (const answer of await passUntil(() => answers, 10)) expect(answer.status).toBe(200)
    expect(await endOf(two, planned.operation_id)).toMatchObject({ status: 'completed' })
    expect(runs).toBe(1)
  })

  test('go on with what the other one was processing when it died, and not while it lives', async () => {
    const dying = await start(endless)
    const other = await start(() => 'done elsewhere')
    const { operation_id } = await dying.upload(bytes)
    await pass(120_000)
    expect(await wordOf(other, operation_id)).toMatchObject({ status: 'in_progress' })
    await dying.crash()
    expect(await endOf(other, operation_id)).toMatchObject({ status: 'completed', result: 'done elsewhere' })
  })

  test('go on with what the other one left when it was closed', async () => {
    const closing = await start(endless)
    const other = await start(() => 'done elsewhere')
    const { operation_id } = await closing.upload(bytes)
    await closing.close()
    expect(await endOf(other, operation_id)).toMatchObject({ status: 'completed', result: 'done elsewhere' })
  })

  test('do not begin again at their start what the other one is processing', async () => {
    const working = await start(endless)
    const { operation_id, version } = await working.upload(bytes)
    const starting = await start(() => 'done elsewhere')
    await pass(3000)
    expect(await wordOf(starting, operation_id)).toMatchObject({ status: 'in_progress', version })
  })

  test('take no word from a process that comes back after the other one has taken over', async () => {
    const late = Promise.withResolvers<string>()
    const aborted: true[] = []
    const hook: ProcessHook = async (_, { progress, signal }) => {
      const said = await late.promise
      progress(50)
      signal.addEventListener('abort', () => aborted.push(true))
      return said
    }
    // Its time stands still: it renews nothing.
    const frozen = await start(hook, manualClock())
    const { operation_id } = await frozen.upload(bytes)
    const second = Promise.withResolvers<string>()
    const other = await start(() => second.promise)
    const { version: before = 0 } = await wordOf(other, operation_id)
    const taken = await passUntil(async () => {
      const word = await wordOf(other, operation_id)
      return (word.version ?? 0) > before ? word : undefined
    }, 1000)
    late.resolve('too late')
    await expect.poll(() => aborted, PATIENCE).toHaveLength(1)
    expect(await wordOf(other, operation_id)).toEqual(taken)
    second.resolve('in time')
    expect(await endOf(other, operation_id)).toMatchObject({ status: 'completed', result: 'in time' })
  })
})
