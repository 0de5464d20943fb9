import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { sse } from '@upload-panel/core/sse'
import { createStatusMonitor, type StatusMonitor, statusRoutes } from '@upload-panel/core/status'
import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { temporaryDirectory } from './testing/harness.js'
import { PATIENCE } from './testing/patience.js'
import { compile, type Program, run } from './testing/program.js'

const EXAMPLE = fileURLToPath(new URL('../../../examples/express-existing-api', import.meta.url))
const MAX_LINES = 40
const WORDS = 30_000

/** Added and removed lines of `before/` and `after/`, with what stands around them. */
async function difference(): Promise<string> {
  const { stdout } = await promisify(execFile)('git', ['diff', '--no-index', '--no-color', '-U1', 'before', 'after'], {
    cwd: EXAMPLE,
  }).catch(
    // Its exit code says that there is one.
    (error: { readonly stdout: string }) => error,
  )
  return stdout.replaceAll(/^(diff|index|---) .*\n/gm, '').replaceAll(/^\+\+\+ b\/after\//gm, '+++ ')
}

describe('the API that is there already', () => {
  test('follows its operations in realtime after fewer than forty lines, which its README shows', async () => {
    const lines = (await difference()).split('\n').filter((line) => /^[+-](?!\+\+ )/.test(line))
    expect(lines.length).toBeGreaterThan(10)
    expect(lines.length).toBeLessThan(MAX_LINES)
    const [, shown] = /```diff\n([\s\S]*?)```/.exec(await readFile(join(EXAMPLE, 'README.md'), 'utf8')) ?? []
    expect(shown).toBe(await difference())
  })

  describe.each(['before', 'after'] as const)('as it is %s', (version) => {
    let built: Awaited<ReturnType<typeof temporaryDirectory>>
    let data: Awaited<ReturnType<typeof temporaryDirectory>>
    let file: string
    let program: Program
    let api: string
    let monitors: StatusMonitor[]

    beforeAll(async () => {
      built = await temporaryDirectory()
      file = await compile(join(EXAMPLE, version, 'server.mjs'), built.path)
    })
    afterAll(() => built.remove())
    beforeEach(async () => {
      data = await temporaryDirectory()
      monitors = []
      await start()
    })
    afterEach(async () => {
      for (const monitor of monitors) monitor.dispose()
      await program.stop('SIGKILL')
      await data.remove()
    })

    async function start(): Promise<void> {
      program = run(file, [], { DATA: data.path, PORT: '0' })
      const [, origin = ''] = await program.prints(/listens on (http:\S+\d)/)
      api = origin
    }
    async function signIn(name: string, password: string): Promise<Record<string, string>> {
      const body = JSON.stringify({ name, password })
      const answer = await fetch(`${api}/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      const { token } = (await answer.json()) as { readonly token: string }
      return { authorization: `Bearer ${token}` }
    }
    const anna = () => signIn('anna', 'correct horse')
    const send = async (headers: Record<string, string>, text: string) => {
      const init = { method: 'POST', headers: { ...headers, 'content-type': 'text/plain' }, body: text }
      return (await (await fetch(`${api}/documents?title=A%20tale`, init)).json()) as { readonly id: number; readonly operation: string }
    }
    const list = async (headers: Record<string, string>) => (await fetch(`${api}/documents`, { headers })).json()

    test('it takes documents of those who are signed in, and analyses them', async () => {
      expect((await fetch(`${api}/documents`)).status).toBe(401)
      const headers = await anna()
      const { id } = await send(headers, 'The best of times, the worst of times.')
      await vi.waitFor(async () => expect(await list(headers)).toMatchObject([{ id, title: 'A tale', status: 'done' }]), PATIENCE)
      expect(JSON.stringify(await list(headers))).toContain('\\"words\\":8')
    })

    test('it ends when it is asked to', async () => {
      expect(await program.stop('SIGTERM')).toBe(0)
    })

    if (version === 'before') return

    function follow(headers: Record<string, string>): { readonly words: SyncStatusUpdate[] } {
      const monitor = createStatusMonitor({
        realtime: sse({ url: `${api}/sync/events`, headers }),
        backend: statusRoutes({ url: `${api}/sync`, headers }),
      })
      monitors.push(monitor)
      const words: SyncStatusUpdate[] = []
      monitor.$operations.subscribe((operations) => words.push(...operations))
      return { words }
    }

    test('its owner hears of each step by the real client, and nobody else does', async () => {
      const headers = await anna()
      const { words } = follow(headers)
      const others = follow(await signIn('bert', 'battery staple'))
      const { operation } = await send(headers, 'word '.repeat(WORDS))
      await vi.waitFor(
        () =>
          expect(words.at(-1)).toMatchObject({ operation_id: operation, status: 'completed', result: { words: WORDS }, source: 'A tale' }),
        PATIENCE,
      )
      const failing = await send(headers, '…')
      await vi.waitFor(
        () => expect(words.filter(({ operation_id }) => operation_id === failing.operation).at(-1)).toMatchObject({ status: 'failed' }),
        PATIENCE,
      )
      expect(others.words).toEqual([])
      expect((await fetch(`${api}/sync/events?all=1`)).status).toBe(401)
    })

    test('its README’s page in a terminal sees the same', async () => {
      const folder = await temporaryDirectory()
      const follower = run(await compile(join(EXAMPLE, 'follow.mjs'), folder.path), [], { API: api })
      expect(await follower.exit).toBe(0)
      expect(follower.output()).toMatch(/Document 1 is operation \w+\.[\s\S]*\ncompleted 100 % \{[\s\S]*words: 240000/)
      await folder.remove()
    })

    test('a job that a crash has cut off is the same operation afterwards', async () => {
      const headers = await anna()
      const { operation } = await send(headers, 'word '.repeat(40 * WORDS))
      await program.stop('SIGKILL')
      await start()
      const { words } = follow(await anna())
      await vi.waitFor(() => expect(words.at(-1)).toMatchObject({ operation_id: operation, status: 'completed' }), PATIENCE)
    })
  })
})
