// npm run bench:server -- [--seconds 5] [--connections 5000] [--only memory,sqlite,postgres]
// What one node of the server adapter takes: updates a second in each kind of records, and how long a word takes from its commit to thousands of
// event streams. Each at one tenth first, to show how it grows. Servers and listeners are processes of their own on this machine.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { hasService } from '../../scripts/lib/debian-services.mjs'
import { fromRoot } from '../../scripts/lib/paths.mjs'
import { compile } from '../../scripts/services/compile.ts'
import { startPostgres } from '../../scripts/services/postgres.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '5000' },
    only: { type: 'string', default: 'memory,sqlite,postgres' },
  },
})
const seconds = Number(values.seconds)
const connections = Number(values.connections)
const directory = await mkdtemp(join(tmpdir(), 'upload-panel-bench-'))

/** A child that answers one order after the other. @param {string} file @param {string[]} args */
function start(file, args = []) {
  const child = fork(file, args, { execArgv: ['--expose-gc'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  /** @returns {Promise<any>} */
  async function answer() {
    const [message] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [{ error: 'It has ended.' }])])
    if (message.error !== undefined) throw new Error(message.error)
    return message.answer
  }
  return {
    answer,
    /** @param {object} order */
    give(order) {
      const answered = answer()
      child.send(order)
      return answered
    },
    stop: () => child.kill('SIGKILL'),
  }
}

const program = await compile(fromRoot('bench', 'server', 'server.ts'), directory)
const listening = fromRoot('bench', 'server', 'listeners.mjs')
/** With what a database needs to lose nothing: every commit is on the disk before it is answered. */
const database = values.only.includes('postgres') && hasService('postgresql') ? await startDatabase() : undefined

async function startDatabase() {
  const folder = await mkdtemp(join(tmpdir(), 'upload-panel-bench-postgres-'))
  const service = await startPostgres({ directory: folder, settings: { fsync: 'on', full_page_writes: 'on', shared_buffers: '128MB' } })
  return { url: service.url, stop: () => service.stop().then(() => rm(folder, { recursive: true, force: true })) }
}

let runs = 0
/** @param {string} kind */
async function startServer(kind) {
  runs += 1
  const server = start(program, [join(directory, `run-${runs}`), kind, database?.url ?? ''])
  const { port } = await server.answer()
  return { ...server, port }
}

/** @param {number} value */
const number = (value) => Math.round(value).toLocaleString('en').padStart(9)
/** @param {number[]} sorted @param {number} part */
const quantile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN

const kinds = values.only.split(',').filter((kind) => kind !== 'postgres' || database !== undefined)
console.log(`${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}\n`)
console.log('Updates a second that one node writes')
console.log('records     operations    1 caller  10 callers 100 callers')
for (const kind of kinds) {
  for (const operations of [1000, 10_000]) {
    const server = await startServer(kind)
    await server.give({ do: 'fill', operations })
    await server.give({ do: 'update', callers: 10, seconds: 1 })
    const rates = []
    for (const callers of [1, 10, 100]) rates.push((await server.give({ do: 'update', callers, seconds })).perSecond)
    console.log(`${kind.padEnd(10)} ${number(operations)}    ${rates.map(number).join('   ')}`)
    server.stop()
  }
}

console.log('\nFrom the commit of a word to event streams that all hear it, milliseconds; records in memory, a word every half second')
console.log('streams        p50       p99       worst   memory of one')
for (const count of [connections / 10, connections]) {
  const server = await startServer('memory')
  await server.give({ do: 'fill', operations: 20 })
  const before = (await server.give({ do: 'memory' })).rss
  const listeners = start(listening)
  await listeners.give({ do: 'open', port: server.port, count })
  const after = (await server.give({ do: 'memory' })).rss
  /** @type {[number, string][]} */
  const committed = await server.give({ do: 'tell', times: 20, everyMs: 500 })
  const heard = new Map(/** @type {[number, string[]][]} */ (await listeners.give({ do: 'times' })))
  const waits = committed
    .flatMap(([version, at]) => (heard.get(version) ?? []).map((time) => Number(BigInt(time) - BigInt(at)) / 1e6))
    .sort((a, b) => a - b)
  if (waits.length !== committed.length * count) throw new Error(`${committed.length * count - waits.length} words did not come.`)
  const [p50, p99, worst] = [quantile(waits, 0.5), quantile(waits, 0.99), quantile(waits, 1)].map((ms) => ms.toFixed(1).padStart(8))
  console.log(`${number(count)} ${p50}  ${p99}    ${worst}   ${((after - before) / count / 1024).toFixed(1).padStart(8)} KiB`)
  listeners.stop()
  server.stop()
}

await database?.stop()
await rm(directory, { recursive: true, force: true })
