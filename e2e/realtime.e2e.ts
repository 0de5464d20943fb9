import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import { startTcpNetwork, type TcpNetwork } from '../scripts/services/tcp-network.js'
import type { AnyPage } from './engine/browsers.js'
import { openPage } from './engine/browsers.js'
import { REALTIME_SERVERS, type RealtimeServer, type RealtimeServerKind } from './realtime/servers.js'
import { type RealtimeSite, startRealtimeSite } from './realtime/site.js'
import { expect, test } from './support/test.js'

const JOB = 'job-of-an-earlier-page'
const OPERATIONS = 5
/** Far above what any of them takes; how long it took is printed. */
const PATIENCE = { timeout: 40_000 }
const WORDS = 40

/** One page that follows a job on a real server. */
interface Scene {
  readonly page: AnyPage
  readonly server: RealtimeServer
  readonly network: TcpNetwork
  readonly site: RealtimeSite
  /** The server says something of an operation: its state changes and all who listen are told. */
  say(index: number, change: Partial<SyncStatusUpdate>): Promise<SyncStatusUpdate>
  /** The server's state changes and nobody is told. */
  change(index: number, change: Partial<SyncStatusUpdate>): Promise<SyncStatusUpdate>
  /** The page shows what the server knows. Prints how long it took since the call. */
  converged(after: string): Promise<void>
}

let versions = 1
const wordOf = (index: number, change: Partial<SyncStatusUpdate>): SyncStatusUpdate => ({
  operation_id: `operation-${index}`,
  operation_type: 'upload',
  status: 'in_progress',
  progress: 0,
  job_id: JOB,
  ...change,
  timestamp: new Date().toISOString(),
  version: (versions += 1),
})

async function withScene(name: string, kind: RealtimeServerKind, page: AnyPage, directory: string, act: (scene: Scene) => Promise<void>) {
  const server = await kind.open(directory)
  const site = await startRealtimeSite()
  const network = await startTcpNetwork(() => server.port)
  const next = (index: number, more: Partial<SyncStatusUpdate>) => wordOf(index, { ...site.truth.get(`operation-${index}`), ...more })
  const change: Scene['change'] = async (index, more) => site.truth.take((await server.change?.(next(index, more))) ?? next(index, more))
  const say: Scene['say'] = async (index, more) => site.truth.take(await server.publish(next(index, more)))
  const states = () =>
    Object.fromEntries(
      Array.from({ length: OPERATIONS }, (_, index) => {
        const { status, progress } = site.truth.get(`operation-${index}`) ?? wordOf(index, {})
        const phase = status === 'in_progress' ? 'processing' : status
        return [`operation-${index}`, `${phase} ${status} ${progress}`]
      }),
    )
  async function converged(after: string): Promise<void> {
    const startedAt = performance.now()
    await expect.poll(() => page.evaluate('states()'), { ...PATIENCE, intervals: [10] }).toEqual(states())
    console.log(`${name}: ${Math.round(performance.now() - startedAt)} ms until all was told ${after}`)
  }

  try {
    for (let index = 0; index < OPERATIONS; index += 1) {
      await say(index, { progress: 1, client_ref: `file-${index}`, file: { name: `file-${index}`, size: 1, type: '' } })
    }
    await page.open(site.url)
    await expect.poll(() => page.evaluate(`'isReady' in window`)).toBe(true)
    const wanted = { transport: kind.transport, options: await server.options(network.port), backend: '/uploads', jobId: JOB }
    await page.evaluate(`follow(${JSON.stringify(wanted)})`)
    await expect.poll(() => page.evaluate('uploader.$connection.get().status'), PATIENCE).toBe('connected')
    await converged('to a page that has just come')
    await act({ page, server, network, site, say, change, converged })
    await page.evaluate('uploader.dispose()')
    await expect.poll(() => network.connections(), PATIENCE).toBe(0)
  } finally {
    await page.close()
    await network.close()
    await site.stop()
    await server.stop()
  }
}

for (const [name, kind] of Object.entries(REALTIME_SERVERS)) {
  for (const engine of ['chromium', 'firefox', 'webkit'] as const) {
    test(`${name} in ${engine}: words reach the screen, and after a crash and an outage the page shows what the server holds`, async ({
      directory,
      launchOptions,
    }) => {
      test.skip(!kind.isHere, 'Its server is missing.')
      const page = await openPage(engine, launchOptions)
      test.skip(page === undefined, `${engine} is not installed here.`)
      if (page === undefined) return
      const title = `${name}, ${engine}`

      await withScene(title, kind, page, directory, async ({ server, network, site, say, change, converged }) => {
        const late: number[] = []
        for (let word = 0; word < WORDS; word += 1) {
          const saidAt = Date.now()
          await say(word % OPERATIONS, { progress: 10 + word })
          const painted = () => page.evaluate<number>(`paintedAt(${10 + word})`)
          await expect.poll(painted, { ...PATIENCE, intervals: [10] }).toBeGreaterThan(0)
          late.push((await painted()) - saidAt)
        }
        late.sort((a, b) => a - b)
        const at = (share: number) => late[Math.floor(share * (WORDS - 1))]
        console.log(`${title}: from the server's word to the screen: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, at most ${at(1)} ms`)

        await server.kill()
        for (let index = 0; index < OPERATIONS; index += 1) await change(index, { progress: 60 })
        await server.start()
        await converged('after a crash of the server')

        site.setAway(true)
        network.cut()
        await expect.poll(() => page.evaluate('uploader.$connection.get().status'), PATIENCE).not.toBe('connected')
        for (let index = 0; index < OPERATIONS; index += 1)
          await say(index, { status: 'completed', progress: 100, result: { number: index } })
        site.setAway(false)
        network.mend()
        await page.evaluate(`window.dispatchEvent(new Event('online'))`)
        await converged('after the network came back')
      })
    })
  }
}
