import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CreateUploadsAnswer, PutPlan, SnapshotAnswer } from '@upload-panel/core/protocol'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { partBegins, temporaryDirectory } from './testing/harness.js'
import { compile, type Program, run } from './testing/program.js'
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

  test('explains itself', async () => {
    const program = launch(['--help'])
    expect(await program.exit).toBe(0)
    expect(program.output()).toContain('--data <folder>')
  })
})
