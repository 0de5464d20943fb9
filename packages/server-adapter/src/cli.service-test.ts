import { randomBytes, randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { createUploader, httpBackend, type RealtimeFactory } from '@upload-panel/core'
import { socketIo } from '@upload-panel/core/socket-io'
import { sse } from '@upload-panel/core/sse'
import { io } from 'socket.io-client'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { describeWithPostgresql, describeWithRedis, describeWithS3 } from '../../../scripts/services/provided.js'
import { startRedis } from '../../../scripts/services/redis.js'
import { temporaryDirectory } from './testing/harness.js'
import { type PostgresDatabase, startPostgresDatabase } from './testing/postgres-database.js'
import { compile, type Program, run } from './testing/program.js'

type Directory = Awaited<ReturnType<typeof temporaryDirectory>>
const PATIENCE = { timeout: 30_000, interval: 20 }
const PROGRAM = fileURLToPath(new URL('cli.ts', import.meta.url))

describeWithPostgresql('upload-panel-server on several nodes over PostgreSQL', () => {
  describeWithRedis('and Redis', () => {
    describeWithS3('and S3', (s3) => {
      let folder: Directory
      let file: string
      let database: PostgresDatabase
      let redis: Awaited<ReturnType<typeof startRedis>>
      let nodes: Program[]
      let ends: (() => unknown)[]

      beforeAll(async () => {
        folder = await temporaryDirectory()
        file = await compile(PROGRAM, folder.path)
        database = await startPostgresDatabase()
        redis = await startRedis({ directory: folder.path })
      })
      afterAll(async () => {
        await redis.stop()
        await database.stop()
        await folder.remove()
      })
      beforeEach(() => {
        nodes = []
        ends = []
      })
      afterEach(async () => {
        for (const end of ends) await end()
        await Promise.all(nodes.map((node) => node.stop('SIGKILL')))
      })

      const launch = (args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) => {
        const node = run(file, ['--port', '0', ...args], {
          UPLOAD_PANEL_POSTGRES: database.server.url,
          UPLOAD_PANEL_REDIS: redis.url,
          UPLOAD_PANEL_SECRET: 'the same on all nodes, and not guessed',
          UPLOAD_PANEL_S3: s3.bucket,
          UPLOAD_PANEL_S3_ENDPOINT: s3.endpoint,
          UPLOAD_PANEL_S3_REGION: s3.region,
          UPLOAD_PANEL_S3_PATH_STYLE: '1',
          AWS_ACCESS_KEY_ID: s3.accessKeyId,
          AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
          ...env,
        })
        nodes.push(node)
        return node
      }
      const start = async (args: readonly string[] = []) => {
        const node = launch(args)
        const [, url = ''] = await node.prints(/listens on (http:\S+),/)
        await node.prints(/OPEN/)
        return { node, url }
      }

      test.each([
        ['Server-Sent Events', (url: string): RealtimeFactory => sse({ url: `${url}/events` })],
        [
          'Socket.IO',
          (url: string): RealtimeFactory => {
            const socket = io(url, { transports: ['websocket'] })
            ends.push(() => socket.disconnect())
            return socketIo({ socket })
          },
        ],
      ])('confirms on one node, by %s, what another one took', async (_name, realtime) => {
        const [a, b] = [await start(), await start()]
        expect(a.node.output()).toMatch(
          /records {3}PostgreSQL, .*\n {2}storage {3}S3, bucket .*\n {2}realtime {2}Server-Sent Events, Socket\.IO over Redis/,
        )
        expect(a.node.output()).not.toContain(s3.secretAccessKey)
        const uploader = createUploader({ backend: httpBackend({ url: a.url }), realtime: realtime(b.url) })
        ends.push(() => uploader.dispose())
        const [id = ''] = uploader.add([new File([new Uint8Array(randomBytes(6 * 2 ** 20))], `${randomUUID()}.bin`)])
        await vi.waitFor(() => expect(uploader.$item(id).get()?.phase).toBe('completed'), PATIENCE)
        expect(uploader.$connection.get().status).toBe('connected')
      })

      test('says in a sentence that a server does not answer, without its password', async () => {
        for (const env of [
          { UPLOAD_PANEL_REDIS: 'redis://:hunter2@127.0.0.1:1' },
          { UPLOAD_PANEL_POSTGRES: 'postgres://anna:hunter2@127.0.0.1:1/db' },
        ]) {
          const node = launch([], env)
          expect(await node.exit).toBe(1)
          expect(node.output()).toContain('127.0.0.1:1')
          expect(node.output()).not.toContain('hunter2')
          expect(node.output()).not.toContain('    at ')
        }
      })
    })
  })
})
