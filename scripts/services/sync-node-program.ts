import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import {
  createSyncManager,
  createSyncServer,
  type ObjectStorage,
  type StatusPublisher,
  type SyncStatusManager,
} from '@upload-panel/server-adapter'
import { disk } from '@upload-panel/server-adapter/disk'
import { toNodeListener } from '@upload-panel/server-adapter/node'
import { postgres } from '@upload-panel/server-adapter/postgres'
import { s3 } from '@upload-panel/server-adapter/s3'
import { socketIoPublisher } from '@upload-panel/server-adapter/socket-io'
import { sqlite } from '@upload-panel/server-adapter/sqlite'
import { stompPublisher } from '@upload-panel/server-adapter/stomp'
import { createAdapter } from '@socket.io/redis-streams-adapter'
import { createClient } from 'redis'
import { Server } from 'socket.io'
import type { S3Service } from './ceph.ts'
import { type Acknowledged, DESTINATION, SUBJECT } from './sync-node-words.ts'

/**
 * A process of the server adapter that can really be killed: one that serves pages, one that only does jobs, or both. It prints what its manager has
 * acknowledged, a line each.
 */
const { values } = parseArgs({
  options: {
    directory: { type: 'string', default: '' },
    postgres: { type: 'string' },
    /** Where the nodes' Socket.IO servers meet. */
    redis: { type: 'string' },
    /** A broker's port for STOMP over TCP. */
    broker: { type: 'string' },
    port: { type: 'string' },
    /** An `S3Service` as JSON, for a node that keeps its files there. */
    s3: { type: 'string' },
    /** Its processing comes to no end. */
    endless: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '0' },
    steps: { type: 'string', default: '4' },
    /** Between two steps of a job, milliseconds. */
    pause: { type: 'string', default: '5' },
  },
})

/** Jobs of a worker under way at once. */
const CONCURRENCY = 8

const records =
  values.postgres === undefined ? sqlite({ path: join(values.directory, 'records.db') }) : postgres({ connectionString: values.postgres })
/** Takes what is attached to it before it serves. */
const server = createServer({ requestTimeout: 0 })
const publishers: StatusPublisher[] = []
if (values.redis !== undefined && values.port !== undefined) {
  const redis = createClient({ url: values.redis })
  await redis.connect()
  publishers.push(socketIoPublisher({ io: new Server(server, { adapter: createAdapter(redis) }), cluster: true }))
}
if (values.broker !== undefined) {
  const url = `stomp://127.0.0.1:${values.broker}`
  publishers.push(stompPublisher({ url, connectHeaders: { login: 'guest', passcode: 'guest' }, destination: DESTINATION }))
}

function storage(): ObjectStorage {
  if (values.s3 === undefined) return disk({ directory: join(values.directory, 'files') })
  const { endpoint, region, accessKeyId, secretAccessKey, bucket } = JSON.parse(values.s3) as S3Service
  return s3({ bucket, endpoint, region, credentials: { accessKeyId, secretAccessKey }, forcePathStyle: true })
}

const tell = (word: Acknowledged) => process.stdout.write(`${JSON.stringify(word)}\n`)

/** Does one job from where an earlier process left it. */
async function doJob(manager: SyncStatusManager, number: number): Promise<void> {
  const steps = Number(values.steps)
  const id = await manager.createSyncOperation({ operation_type: 'full_sync', subject: SUBJECT, total_items: steps, key: `job-${number}` })
  const said = async (answer: Promise<Acknowledged | undefined>) => {
    const word = await answer
    if (word !== undefined) tell({ operation_id: word.operation_id, version: word.version, status: word.status, progress: word.progress })
  }
  // An earlier process did it.
  if ((await manager.get(id))?.status === 'completed') return
  for (let step = 1; step <= steps; step += 1) {
    await said(manager.updateSyncProgress(id, (100 * step) / (steps + 1), step, 0, `Step ${step}.`))
    // Other jobs, and requests, have their turn.
    await new Promise((resolve) => setTimeout(resolve, Number(values.pause)))
  }
  await said(manager.completeSyncOperation(id, 'completed', { result: number }))
}

async function doJobs(manager: SyncStatusManager): Promise<void> {
  const numbers = Array.from({ length: Number(values.jobs) }, (_, index) => index).values()
  const worker = async () => {
    for (const number of numbers) await doJob(manager, number)
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  console.log('All jobs are done.')
}

if (values.port === undefined) {
  const { manager, close } = await createSyncManager({ records, publishers })
  await doJobs(manager)
  await close()
} else {
  const sync = await createSyncServer({
    records,
    publishers,
    storage: storage(),
    authorize: () => ({ subject: SUBJECT }),
    async process(_operation, { file, stage, signal }) {
      stage('hashing')
      if (values.endless) await new Promise((_resolve, reject) => signal.addEventListener('abort', reject))
      return createHash('sha256')
        .update(await buffer(file.stream()))
        .digest('hex')
    },
  })
  server.on('request', toNodeListener(sync))
  server.listen(Number(values.port), '127.0.0.1')
  await once(server, 'listening')
  console.log('It listens.')
  await doJobs(sync.manager)
}
