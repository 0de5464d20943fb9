import { setImmediate } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { TcpNetwork } from '../../../../scripts/services/tcp-network.js'
import { browserEnvironment } from '../environment.js'
import { UploadError } from '../errors.js'
import type { UploadItem } from '../item/item.js'
import { newItem } from '../item/new-item.js'
import { decodeSyncStatus, type SnapshotAnswer, type SnapshotRequest, type SyncStatusUpdate } from '../protocol/index.js'
import { connectSync } from '../realtime/sync-session.js'
import type { RealtimeFactory, RealtimeTransport, TopicHandlers } from '../realtime/transport.js'
import { createUploadStore } from '../store/upload-store.js'
import { createServerTruth } from './server-truth.js'
import { createSkippingClock } from './skipping-clock.js'
import { createTestFile } from './test-file.js'

/** A real server, and one client's way to it, in the hands of a test. */
export interface ContractScene {
  /** The transport under test. It reaches the server through `network` alone. */
  readonly factory: RealtimeFactory
  readonly network: TcpNetwork
  /** The server takes an update and tells those who follow its job. Resolves with it as it was told: a server may give versions of its own. */
  publish(update: SyncStatusUpdate): Promise<SyncStatusUpdate>
  /** Tells an update that the server knows already as it is, once more or late. @default `publish` */
  repeat?(update: SyncStatusUpdate): Promise<unknown>
  /** The server's state changes and nobody is told, also while the server is down. @default only the suite's record of the truth changes */
  change?(update: SyncStatusUpdate): Promise<SyncStatusUpdate>
  /** The server's own snapshot, through the network. @default that of the suite's record, as long as the network is whole */
  snapshot?(request: SnapshotRequest, signal: AbortSignal): Promise<SnapshotAnswer>
  /** SIGKILL. */
  kill(): Promise<void>
  /** Starts it again after `kill`, on the same data. Resolves when it takes clients. */
  start(): Promise<void>
  /** SIGSTOP. */
  freeze(): void
  /** SIGCONT. */
  thaw(): void
  /** The token that the client was given is worth nothing any more, and the server acts accordingly; the client's hook has a fresh one. */
  expireToken?(): Promise<void>
  /** What the client has left behind, here or on the server, such as `2 subscriptions`. Connections through the network are counted by the suite. */
  leftovers?(): Promise<readonly string[]>
  close(): Promise<void>
}

export interface SceneOptions {
  /** What the test follows. */
  readonly jobId: string
  /** The server refuses to let this client follow the job. */
  readonly isRefused: boolean
  /** The client follows a topic, or asks a place, where its job is not spoken of. */
  readonly isMisdirected: boolean
}

export interface TransportHarness {
  /** A server that runs, and a network that is whole. Called by each test. */
  open(options: SceneOptions): Promise<ContractScene>
  /** What this transport or its server has no notion of, and why, in a few words. */
  readonly cannot?: Partial<Record<Fault, string>>
}

/** What some transports cannot be put to. */
export type Fault = 'kill' | 'freeze' | 'half-open' | 'token' | 'refusal' | 'wrong destination' | 'reordering'

const ITEMS = 8
/** Long enough for the slowest heartbeat and backoff of the real clients: a test ends as soon as the state is there. */
const PATIENCE = { timeout: 50_000, interval: 5 }
const SAFETY_MS = 30_000
const AWAY_MS = 10_000
const HIDDEN_MS = 5 * 60_000

/** What every transport must do, through its real client on its real server: after each fault every item stands where the server has it. */
export function transportContract(name: string, harness: TransportHarness): void {
  const unless = (fault: Fault) => (harness.cannot?.[fault] === undefined ? test : test.skip)

  describe(`the transport ${name}`, { timeout: 2 * PATIENCE.timeout }, () => {
    test('brings every item to the end that the server gives it', async () => {
      const { say, expectEqual, report, count } = await begin()
      const told = report('no fault')
      for (let progress = 20; progress < 100; progress += 20) await everyItem(count, (index) => say(index, { progress }))
      await endAll(say, count)
      await expectEqual()
      told()
    })

    unless('kill')('comes back after the server was killed in the middle of a stream', async () => {
      const { scene, say, change, expectEqual, expectLive, report, count } = await begin()
      for (let progress = 11; progress < 50; progress += 1) await say(progress % count, { progress })
      await scene.kill()
      for (let progress = 50; progress < 90; progress += 1) await change(progress % count, { progress })
      await scene.start()
      const told = report('kill -9')
      await expectEqual()
      told()
      await expectLive()
      told('live again')
    })

    unless('freeze')('notices a server that froze, and comes back when it goes on', async () => {
      const { scene, say, change, expectEqual, expectLive, report, status, count } = await begin()
      await say(0, { progress: 20 })
      scene.freeze()
      onTestFinished(() => scene.thaw())
      const noticed = report('SIGSTOP')
      await vi.waitUntil(() => status() !== 'connected', PATIENCE)
      noticed('noticed')
      await everyItem(count, (index) => change(index, { progress: 60 }))
      scene.thaw()
      const told = report('SIGCONT')
      await expectEqual()
      told()
      await expectLive()
      told('live again')
    })

    unless('half-open')('finds out by itself that its connection is half-open', async () => {
      const { scene, say, expectEqual, expectLive, report, count } = await begin()
      // Between two requests of long-polling there is none to swallow.
      await vi.waitUntil(() => scene.network.connections() > 0, PATIENCE)
      scene.network.swallow()
      const told = report('half-open, found without help')
      await everyItem(count, (index) => say(index, { progress: 70 }))
      await expectEqual()
      told()
      await expectLive()
      told('live again')
    })

    test('comes back after ten seconds offline', async () => {
      const { scene, say, expectEqual, expectLive, report, status, goOnline, clocks, count } = await begin()
      scene.network.cut()
      const away = report('offline')
      // Three attempts in vain, in real time; what then lacks of ten seconds passes on the transport's clock alone.
      await vi.waitUntil(() => status() !== 'connected' && scene.network.vain() >= 3, PATIENCE)
      clocks.transport.skip(Math.max(0, AWAY_MS - away('three attempts')))
      await endAll(say, count)
      // No backoff of the transport's own ends by chance: the browser's word has to do.
      clocks.transport.hold()
      const told = report('10 s offline')
      goOnline()
      await expectEqual()
      told()
      await expectLive()
      told('live again')
      clocks.transport.release()
    })

    test('comes back when its network does, though what it tried meanwhile never got an answer', async () => {
      const { scene, say, expectEqual, expectLive, report, status, goOnline, count } = await begin()
      scene.network.silence()
      const noticed = report('packets lost')
      await vi.waitUntil(() => status() !== 'connected', PATIENCE)
      noticed('noticed')
      await vi.waitUntil(() => scene.network.vain() > 0, PATIENCE)
      await endAll(say, count)
      const told = report('packets lost, network back')
      goOnline()
      await expectEqual()
      told()
      await expectLive()
      told('live again')
    })

    test('catches up with a thousand updates that were told while it was away', async () => {
      const { scene, say, expectEqual, expectLive, report, goOnline, count } = await begin()
      scene.network.cut()
      for (let told = 0; told < 1000; told += 1)
        await say(told % count, { progress: 10 + Math.floor(told / 20), message: `update ${told}` })
      await endAll(say, count)
      const told = report('1,000 updates while away')
      goOnline()
      await expectEqual()
      told()
      await expectLive()
      told('live again')
    })

    test('is not misled by words that come twice, or again after the end', async () => {
      const { say, repeat, arrived, expectEqual, count } = await begin()
      const first = await say(0, { progress: 30 })
      for (let times = 0; times < 3; times += 1) await repeat(first)
      const last = await say(0, { progress: 100, status: 'completed', result: { url: 'https://example.com/a' } })
      for (const update of [first, last, first, last]) await repeat(update)
      await arrived(await say(count - 1, { progress: 40 }))
      await expectEqual()
    })

    unless('reordering')('is not misled by words that come in another order', async () => {
      const { say, change, repeat, arrived, expectEqual, count } = await begin()
      const words = [
        await change(0, { progress: 20 }),
        await change(0, { progress: 40 }),
        await change(0, { progress: 60 }),
        await change(0, { progress: 100, status: 'completed', result: { url: 'https://example.com/a' } }),
      ]
      for (const place of [2, 0, 3, 1]) await repeat(words[place] as SyncStatusUpdate)
      await arrived(await say(count - 1, { progress: 40 }))
      await expectEqual()
    })

    test('takes an end back when the server does', async () => {
      const { say, expectEqual } = await begin()
      await say(0, { progress: 100, status: 'completed' })
      await expectEqual()
      await say(0, { status: 'failed', error: { code: 'virus', message: 'A virus was found.', retryable: false } })
      await expectEqual()
    })

    unless('token')('goes on with a fresh token when its own expires', async () => {
      const { scene, say, expectEqual, expectLive, report, count } = await begin()
      await scene.expireToken?.()
      const told = report('token expired')
      await everyItem(count, (index) => say(index, { progress: 80 }))
      await expectEqual()
      told()
      await expectLive({ sinceFault: false })
      told('live')
    })

    unless('refusal')('says that it was refused; the items still reach the server’s state', async () => {
      const { say, expectEqual, warnings, report, count } = await begin({ isRefused: true })
      await vi.waitUntil(() => warnings.length > 0, PATIENCE)
      const told = report('subscription refused')
      await endAll(say, count)
      await expectEqual()
      told()
    })

    unless('wrong destination')('reaches the server’s state although it listens in the wrong place', async () => {
      const { say, expectEqual, clocks, report, count } = await begin({ isMisdirected: true })
      const told = report('wrong destination')
      await endAll(say, count)
      clocks.session.skip(SAFETY_MS)
      await expectEqual()
      told('after the safety snapshot was due')
    })

    test('does not stay behind when the server loses words although the channel stands', async () => {
      const { change, expectEqual, clocks, status, report, differences, count } = await begin()
      await everyItem(count, (index) => change(index, { progress: 90 }))
      await change(0, { progress: 100, status: 'completed' })
      expect(differences()).not.toEqual([])
      expect(status()).toBe('connected')
      const told = report('silent loss')
      clocks.session.skip(SAFETY_MS)
      await expectEqual()
      told('after the safety snapshot was due')
      expect(status()).toBe('connected')
    })

    test('catches up when a page that was hidden for minutes is looked at again', async () => {
      const { scene, say, expectEqual, expectLive, report, clocks, session, count } = await begin()
      clocks.transport.hold()
      clocks.session.hold()
      await everyItem(count, (index) => say(index, { progress: 30 }))
      scene.network.cut()
      await endAll(say, count)
      scene.network.mend()
      clocks.transport.skip(HIDDEN_MS)
      clocks.session.skip(HIDDEN_MS)
      const told = report('hidden for five minutes')
      clocks.transport.release()
      clocks.session.release()
      session.wake()
      await expectEqual()
      told()
      await expectLive()
      told('live again')
    })

    test('leaves nothing behind after a thousand rounds of subscribing, nor after its end', async () => {
      const timers = activeTimers()
      const { scene, transport, session, expectLive, clocks, jobId } = await begin()
      for (let round = 0; round < 1000; round += 1) {
        const topic = round % 3 === 0 ? ({ kind: 'operation', id: `op-${round}` } as const) : ({ kind: 'job', id: jobId } as const)
        transport.subscribe(topic, deaf)()
        if (round % 100 === 0) await setImmediate()
      }
      for (let round = 0; round < 10; round += 1) {
        await new Promise<void>((resolve) => {
          const stop = transport.subscribe(
            { kind: 'job', id: `${jobId}-${round}` },
            { ...deaf, onSubscribed: () => queueMicrotask(() => resolve(stop())) },
          )
        })
      }
      await expectLive({ sinceFault: false })
      // Between two requests of long-polling there is none.
      await vi.waitUntil(() => scene.network.connections() > 0, PATIENCE)
      expect(scene.network.connections()).toBeLessThanOrEqual(2)
      session.dispose()
      await expect.poll(async () => (await scene.leftovers?.()) ?? [], PATIENCE).toEqual([])
      // Its end needs nobody to have ended what he followed.
      await new Promise<void>((resolve) => transport.subscribe({ kind: 'job', id: jobId }, { ...deaf, onSubscribed: resolve }))
      transport.dispose()
      await expect.poll(async () => (await scene.leftovers?.()) ?? [], PATIENCE).toEqual([])
      await vi.waitUntil(() => scene.network.connections() === 0, PATIENCE)
      expect([clocks.transport.pending, clocks.session.pending]).toEqual([0, 0])
      await vi.waitUntil(() => activeTimers() <= timers, PATIENCE)
      expect(transport.$connection.get().status).toBe('disconnected')
    })
  })

  /** Items of one job in the hands of the server, a client that follows it, and the truth about them. */
  async function begin({ isRefused = false, isMisdirected = false } = {}) {
    const jobId = crypto.randomUUID()
    const scene = await harness.open({ jobId, isRefused, isMisdirected })
    const truth = createServerTruth()
    const clocks = { transport: createSkippingClock(), session: createSkippingClock() }
    const world = browserEnvironment()
    const heard = new Set<string>()
    let subscribed = 0
    let subscribedBefore = 0
    const transport = watched(scene.factory({ environment: { ...world, clock: clocks.transport } }))
    const environment = { ...world, clock: clocks.session }
    const store = createUploadStore({ environment, onListened() {} })
    const warnings: UploadError[] = []
    const ids = Array.from({ length: ITEMS }, (_, index) => `${jobId}-${index}`)

    const session = connectSync({
      environment,
      store,
      transport,
      jobId,
      snapshot: scene.snapshot ?? ((request) => askTruth(request)),
      processingDeadlineMs: 10 * HIDDEN_MS,
      isRestored: false,
      onRestored() {},
      onDropped: (reason) => expect.fail(`A message was dropped: ${reason}`),
      onWarning: (error) => warnings.push(error),
    })
    onTestFinished(async () => {
      session.dispose()
      transport.dispose()
      store.dispose()
      await scene.close()
    })

    /** Knows what came, and when it subscribed. */
    function watched(inner: RealtimeTransport): RealtimeTransport {
      return {
        ...inner,
        subscribe: (topic, handlers) =>
          inner.subscribe(topic, {
            ...handlers,
            onMessage(raw, bytes) {
              const update = (inner.decode ?? decodeSyncStatus)(raw)?.update
              if (update !== undefined) heard.add(keyOf(update))
              handlers.onMessage(raw, bytes)
            },
            onSubscribed() {
              subscribed += 1
              handlers.onSubscribed()
            },
          }),
      }
    }

    async function askTruth(request: SnapshotRequest): Promise<SnapshotAnswer> {
      await setImmediate()
      if (scene.network.isCut()) throw new UploadError('network', 'The network is cut.')
      return truth.snapshot(request)
    }

    function next(index: number, change: Partial<SyncStatusUpdate>): SyncStatusUpdate {
      const operationId = ids[index] ?? ''
      const before = truth.get(operationId)
      return {
        operation_id: operationId,
        operation_type: 'upload',
        status: 'in_progress',
        progress: before?.progress ?? 0,
        stage: 'scanning',
        ...change,
        job_id: jobId,
        timestamp: new Date().toISOString(),
        version: (before?.version ?? 0) + 1,
      }
    }
    const say = async (index: number, change: Partial<SyncStatusUpdate>) => truth.take(await scene.publish(next(index, change)))
    const change = async (index: number, changes: Partial<SyncStatusUpdate>) => {
      const update = next(index, changes)
      return truth.take((await scene.change?.(update)) ?? update)
    }

    function differences(): readonly string[] {
      return ids.flatMap((id) => {
        const [has, should] = [store.get(id), truth.get(id)]
        const [left, right] = [has && stateOf(has), should && stateOn(should)]
        return left === right ? [] : [`${id}: ${left} instead of ${right}`]
      })
    }
    /** Hints are about progress; what a status, a message and a version are is read from the snapshot. */
    const details = (fields: Readonly<Record<string, unknown>>) => (transport.authoritative ? fields : {})
    function stateOf(item: UploadItem): string {
      const { server, phase } = item
      const result = item.phase === 'completed' ? item.result : undefined
      return JSON.stringify({ phase, progress: server?.progress, result, ...details({ message: server?.message, stage: server?.stage }) })
    }
    function stateOn({ status, progress, message, stage, result }: SyncStatusUpdate): string {
      const phase = status === 'in_progress' || status === 'pending' ? 'processing' : status
      return JSON.stringify({ phase, progress, result, ...details({ message, stage }) })
    }

    const expectEqual = () => expect.poll(differences, PATIENCE).toEqual([])
    const arrived = (update: SyncStatusUpdate) => vi.waitUntil(() => heard.has(keyOf(update)), PATIENCE)
    /** Not every transport subscribes anew for a fresh token; one that does may be connected, and not follow yet what it will follow. */
    async function anyArrived(word: () => Promise<SyncStatusUpdate>): Promise<void> {
      const said: string[] = []
      const isAnyHeard = async () => {
        said.push(keyOf(await word()))
        return said.some((key) => heard.has(key))
      }
      await vi.waitUntil(isAnyHeard, { ...PATIENCE, interval: 250 })
    }
    const status = () => transport.$connection.get().status

    store.add(ids.map((id) => newItem({ id, file: createTestFile(`${id}.png`, 4), addedAt: 0 })))
    session.start()
    for (const id of ids) {
      store.dispatch(id, { type: 'started' })
      store.dispatch(id, { type: 'planned', operationId: id })
      store.dispatch(id, { type: 'slotTaken' })
      store.dispatch(id, { type: 'transferred', final: false })
    }
    const isHeard = !isRefused && !isMisdirected
    if (isHeard) await vi.waitUntil(() => status() === 'connected' && subscribed > 0, PATIENCE)
    for (const index of ids.keys()) await say(index, { progress: 10 })
    if (isHeard) await expectEqual()
    subscribedBefore = subscribed

    return {
      scene,
      transport,
      session,
      clocks,
      jobId,
      count: ITEMS,
      warnings,
      say,
      change,
      repeat: (update: SyncStatusUpdate) => (scene.repeat ?? scene.publish)(update),
      differences,
      expectEqual,
      arrived,
      status,
      /** The network returned, and the browser says so. */
      goOnline() {
        scene.network.mend()
        session.wake()
      },
      /** Words come by the channel itself again, not only by snapshots. */
      async expectLive({ sinceFault = true } = {}) {
        await vi.waitUntil(() => status() === 'connected' && (!sinceFault || subscribed > subscribedBefore), PATIENCE)
        const word = () => say(ITEMS - 1, { progress: 99, message: 'live' })
        if (sinceFault) await arrived(await word())
        else await anyArrived(word)
        await expectEqual()
      },
      /** Prints how long something took from now on. */
      report(fault: string) {
        const startedAt = performance.now()
        return (what = 'state equals the server’s') => {
          const ms = performance.now() - startedAt
          console.log(`${name}: ${fault}: ${what} after ${Math.round(ms)} ms`)
          return ms
        }
      },
    }
  }
}

const deaf: TopicHandlers = { onMessage() {}, onSubscribed() {}, onRefused() {} }
/** Tells the words of one operation apart. */
const keyOf = ({ operation_id, version, progress }: SyncStatusUpdate) => `${operation_id} ${version ?? progress}`
const activeTimers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length

async function everyItem(count: number, act: (index: number) => Promise<unknown>): Promise<void> {
  for (let index = 0; index < count; index += 1) await act(index)
}

/** Some items succeed, some fail, one goes on. */
async function endAll(say: (index: number, change: Partial<SyncStatusUpdate>) => Promise<unknown>, count: number): Promise<void> {
  await everyItem(count - 1, (index) =>
    index % 3 === 0
      ? say(index, { status: 'failed', error: { code: 'broken', message: 'The file is broken.', retryable: false } })
      : say(index, { progress: 100, status: 'completed', result: { url: `https://example.com/${index}` } }),
  )
}
