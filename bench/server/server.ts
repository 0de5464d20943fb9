// One node of the server adapter, as a process of its own that is told what to do by messages of its parent.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createSyncServer, type OperationRecords } from '@upload-panel/server-adapter'
import { disk } from '@upload-panel/server-adapter/disk'
import { memory } from '@upload-panel/server-adapter/memory'
import { toNodeListener } from '@upload-panel/server-adapter/node'
import { postgres } from '@upload-panel/server-adapter/postgres'
import { sqlite } from '@upload-panel/server-adapter/sqlite'

type Order =
  | { readonly do: 'fill'; readonly operations: number }
  | { readonly do: 'update'; readonly callers: number; readonly seconds: number }
  | { readonly do: 'tell'; readonly times: number; readonly everyMs: number }
  | { readonly do: 'memory' }

const [directory = '', kind = 'memory', databaseUrl = ''] = process.argv.slice(2)
/** When a version was committed, by the clock that all processes of this machine share, in nanoseconds. */
const committedAt = new Map<number, bigint>()
const ids: string[] = []

const opened: OperationRecords =
  kind === 'postgres'
    ? postgres({ connectionString: databaseUrl })
    : kind === 'sqlite'
      ? sqlite({ path: join(directory, 'records.db') })
      : memory()
const records: OperationRecords = {
  ...opened,
  async update(id, change) {
    const outcome = await opened.update(id, change)
    if (outcome?.changed) committedAt.set(outcome.record.word.version, process.hrtime.bigint())
    return outcome
  },
}
const sync = await createSyncServer({
  records,
  storage: disk({ directory: join(directory, 'files') }),
  open: true,
  rateLimits: false,
  // Every call is to be a write: what is gathered costs nothing.
  progress: { writesPerSecond: 100_000 },
  limits: { maxEventStreams: 20_000, maxEventStreamsPerSubject: 20_000 },
})
const server = createServer({ requestTimeout: 0 }, toNodeListener(sync))
server.listen(0, '127.0.0.1', 4096)
await once(server, 'listening')

async function obey(order: Order): Promise<unknown> {
  const { manager } = sync
  switch (order.do) {
    case 'fill':
      while (ids.length < order.operations) {
        const wanted = Math.min(1000, order.operations - ids.length)
        ids.push(...(await Promise.all(Array.from({ length: wanted }, () => manager.createSyncOperation({ operation_type: 'update' })))))
      }
      return {}
    case 'update': {
      const until = performance.now() + order.seconds * 1000
      let updates = 0
      const caller = async (first: number) => {
        for (let turn = 0; performance.now() < until; turn += 1) {
          const id = ids[(first + turn * order.callers) % ids.length] ?? ''
          await manager.updateSyncProgress(id, (turn % 100) + Math.random(), turn, 0, 'Compressing the video for small screens')
          updates += 1
        }
      }
      await Promise.all(Array.from({ length: order.callers }, (_, index) => caller(index)))
      committedAt.clear()
      return { perSecond: updates / order.seconds }
    }
    case 'tell': {
      committedAt.clear()
      for (let time = 0; time < order.times; time += 1) {
        await manager.updateSyncProgress(ids[time % ids.length] ?? '', Math.random() * 100)
        await new Promise((resolve) => setTimeout(resolve, order.everyMs))
      }
      return [...committedAt].map(([version, at]) => [version, String(at)])
    }
    case 'memory':
      globalThis.gc?.()
      return { rss: process.memoryUsage().rss }
  }
}

process.on('message', (order: Order) => {
  void obey(order).then(
    (answer) => process.send?.({ answer }),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})
process.send?.({ answer: { port: (server.address() as AddressInfo).port } })
