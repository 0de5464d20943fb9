import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createUploader, httpBackend } from '@upload-panel/core'
import { sse } from '@upload-panel/core/sse'
import type { CreateUploadsAnswer, PutPlan, SnapshotAnswer } from '@upload-panel/core/protocol'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { partBegins, temporaryDirectory } from './testing/harness.js'
import { compile, type Program, run } from './testing/program.js'
import { PATIENCE } from './testing/patience.js'
import { readEvents } from './testing/read-events.js'
import { slowPut } from './testing/slow-put.js'

type Directory = Awaited<ReturnType<typeof temporaryDirectory>>
let built: Directory
let file: string
let data: Directory
let programs: Program[]

beforeAll(async () => {
  built = await temporaryDirectory()
  file = await compile(fileURLToPath(new URL('cli.ts', import.meta.url)), built.path)
})
afterAll(() => built.remove())
beforeEach(async () => {
  data = await temporaryDirectory()
  programs = []
})
afterEach(async () => {
  await Promise.all(programs.map((program) => program.stop('SIGKILL')))
  await data.remove()
})

const launch = (args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) => {
  const program = run(file, ['--data', join(data.path, 'made'), ...args], env)
  programs.push(program)
  return program
}
const start = async (args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) => {
  const program = launch(['--port', '0', ...args], env)
  const [, url = ''] = await program.prints(/listens on (http:\S+),/)
  return { program, url }
}
const post = async (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) })
const create = async (url: string) => {
  const files = [{ client_ref: 'a', name: 'a', size: 5, type: '' }]
  const { operations } = (await (await post(`${url}/commands/upload-jobs`, { files })).json()) as CreateUploadsAnswer
  return operations[0] as { operation_id: string; plan: PutPlan }
}

describe('upload-panel-server', () => {
  test('listens on this machine alone, and says that it is open to everyone who reaches it', async () => {
    const { program, url } = await start()
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    await program.prints(/OPEN: everyone who reaches it/)
    expect((await post(`${url}/queries/operations`, { all: true })).status).toBe(200)
  })

  test('takes an upload, and after a kill still has it', async () => {
    const { program, url } = await start()
    const { operation_id, plan } = await create(url)
    expect((await fetch(`${url}/${plan.url}`, { method: 'PUT', body: 'hello' })).status).toBe(200)
    expect((await post(`${url}/commands/uploads/${operation_id}/complete`, {})).status).toBe(200)
    expect(await program.stop('SIGKILL')).toBe('SIGKILL')
    const again = await start()
    const answer = (await (await post(`${again.url}/queries/operations`, { all: true })).json()) as SnapshotAnswer
    expect(answer.operations).toMatchObject([{ operation_id, status: 'completed' }])
  })

  test.each(['SIGTERM', 'SIGINT'] as const)('lets requests that are under way end at %s, ends streams, and exits', async (signal) => {
    const { program, url } = await start()
    const events = await readEvents(`${url}/events?all=1`)
    const { operation_id, plan } = await create(url)
    await events.next()
    const put = slowPut(`${url}/${plan.url}`)
    await put.write(Buffer.from('he'))
    await partBegins(join(data.path, 'made'), operation_id)
    const exit = program.stop(signal)
    await expect(events.next()).rejects.toThrow('ended')
    await put.write(Buffer.from('llo'))
    expect(await put.end()).toMatchObject({ status: 200 })
    expect(await exit).toBe(0)
  })

  test('with a token lets in who sends it, and no one else', async () => {
    const { program, url } = await start([], { UPLOAD_PANEL_TOKEN: 'secret' })
    await program.prints(/Clients need the token/)
    expect(program.output()).not.toContain('secret')
    expect((await post(`${url}/queries/operations`, { all: true })).status).toBe(401)
    expect((await post(`${url}/queries/operations`, { all: true }, { authorization: 'Bearer wrong' })).status).toBe(401)
    expect((await post(`${url}/queries/operations`, { all: true }, { authorization: 'Bearer secret' })).status).toBe(200)
  })

  test.each([
    [['--host', '0.0.0.0'], 'open to everyone who reaches it'],
    [['--port', 'x'], '--port must be'],
    [['--token', 'a', '--open'], 'not both'],
    [['--token', ''], 'The token is empty'],
    [['--nonsense'], '--nonsense'],
  ])('refuses to start with %j, and says why', async (args, reason) => {
    const program = launch(args)
    expect(await program.exit).toBe(1)
    expect(program.output()).toContain(reason)
    expect(program.output()).not.toContain('    at ')
  })

  test('says that its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const program = launch(['--port', String(port)])
    expect(await program.exit).toBe(1)
    expect(program.output()).toContain(`cannot listen on 127.0.0.1:${port}`)
    other.close()
  })

  test('says that its folder cannot be written to', async () => {
    const occupied = join(data.path, 'occupied')
    await writeFile(occupied, '')
    const program = run(file, ['--port', '0', '--data', join(occupied, 'data')])
    programs.push(program)
    expect(await program.exit).toBe(1)
    expect(program.output()).toContain(`The folder ${join(occupied, 'data')} cannot be written to.`)
    expect(program.output()).not.toContain('    at ')
  })

  test('tells what it uses, and is mounted where its public address says', async () => {
    const { program, url } = await start(['--public-url', 'https://api.example.com/v1/uploads/'])
    await program.prints(/clients {3}https:\/\/api\.example\.com\/v1\/uploads\//)
    expect(program.output()).toMatch(/records {3}SQLite, .*\n {2}storage {3}disk, .*\n {2}realtime {2}Server-Sent Events, Socket\.IO/)
    expect(url).toMatch(/\/v1\/uploads$/)
    expect((await fetch(`${url}/health/ready`)).status).toBe(200)
  })

  test('keeps to its limits', async () => {
    const { url } = await start(['--max-file-size', '4B'], { UPLOAD_PANEL_CORS: 'https://app.example.com' })
    const answer = await post(`${url}/commands/upload-jobs`, { files: [{ client_ref: 'a', name: 'a', size: 5, type: '' }] })
    expect(await answer.json()).toMatchObject({ operations: [{ error: { code: 'file_too_large' } }] })
    const preflight = await fetch(`${url}/events`, { method: 'OPTIONS', headers: { origin: 'https://app.example.com' } })
    expect(preflight.headers.get('access-control-allow-origin')).toBe('https://app.example.com')
  })

  test('logs an object a line for programs, and no token', async () => {
    const program = launch(['--port', '0', '--log', 'json'], { UPLOAD_PANEL_TOKEN: 'hunter2' })
    const [, url = ''] = await program.prints(/"url":"([^"]+)"/)
    await post(`${url}/queries/operations?token=hunter2`, { all: true }, { authorization: 'Bearer hunter2', 'x-request-id': 'r-1' })
    await program.prints(/r-1/)
    const lines = program.output().trim().split('\n')
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { level: 'info', url, open: false },
      { level: 'info', message: 'POST /queries/operations 200', request_id: 'r-1', status: 200 },
    ])
    expect(program.output()).not.toContain('hunter2')
  })

  test('tells the load balancer first when it is to end, and answers on until that has looked', async () => {
    const { program, url } = await start(['--drain', '1h'])
    const exit = program.stop('SIGTERM')
    await vi.waitFor(async () => expect((await fetch(`${url}/health/ready`)).status).toBe(503), PATIENCE)
    expect((await fetch(`${url}/health/live`)).status).toBe(200)
    expect((await create(url)).plan.kind).toBe('put')
    // Whoever asks twice does not want to wait.
    expect(await Promise.all([exit, program.stop('SIGTERM')])).toEqual([143, 143])
  })

  test('is followed by another one without a loss: what was acknowledged is there, and a client goes on', async () => {
    const { program, url } = await start()
    const { port } = new URL(url)
    const uploader = createUploader({
      backend: httpBackend({ url }),
      realtime: sse({ url: `${url}/events` }),
      environment: { random: () => 0 },
      concurrency: 4,
    })
    try {
      const acknowledged = new Set<string>()
      uploader.on('completed', (item) => acknowledged.add(String(item.operationId)))
      const bytes = new Uint8Array(6 * 2 ** 20)
      const ids = uploader.add(Array.from({ length: 12 }, (_, index) => new File([bytes], `${index}.bin`)))
      await vi.waitFor(() => expect(acknowledged.size).toBeGreaterThan(1), PATIENCE)
      const before = [...acknowledged]
      expect(await program.stop('SIGTERM')).toBe(0)
      const next = await start(['--port', port])
      const answer = (await (await post(`${next.url}/queries/operations`, { ids: before })).json()) as SnapshotAnswer
      expect(answer.operations.map(({ status }) => status)).toEqual(before.map(() => 'completed'))
      await vi.waitFor(() => expect(uploader.$summary.get().completed).toBe(ids.length), { ...PATIENCE, timeout: 25_000 })
    } finally {
      await uploader.dispose()
    }
  })

  test('explains itself', async () => {
    const program = launch(['--help'])
    expect(await program.exit).toBe(0)
    expect(program.output()).toContain('--data <folder>')
  })
})
