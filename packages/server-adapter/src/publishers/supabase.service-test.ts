import { createClient } from '@supabase/supabase-js'
import { browserEnvironment } from '@upload-panel/core'
import { createStatusMonitor, statusRoutes } from '@upload-panel/core/status'
import { supabase } from '@upload-panel/core/supabase'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { describeWithPostgresql } from '../../../../scripts/services/provided.js'
import { SHORT_DELAYS } from '../../../../scripts/services/supabase/options.js'
import { allowListening } from '../../../../scripts/services/supabase-operations.js'
import { type Supabase, type SupabaseOptions, startSupabase } from '../../../../scripts/services/supabase.js'
import { type Harness, startHarness, temporaryDirectory } from '../testing/harness.js'
import { SILENT } from '../testing/postgres-database.js'
import { supabasePublisher, type SupabasePublisherOptions } from './supabase.js'

const PATIENCE = { timeout: 40_000, interval: 5 }

describeWithPostgresql('the Supabase publisher', () => {
  let project: Supabase
  const ends: (() => Promise<void>)[] = []
  beforeAll(async () => {
    project = await start({ limits: { eventsPerSecond: 1e6 } })
  }, 60_000)
  afterAll(async () => {
    for (const end of ends) await end()
  })

  async function start(options: Pick<SupabaseOptions, 'limits'>): Promise<Supabase> {
    const started = await startSupabase({ delays: SHORT_DELAYS, ...options })
    ends.push(started.stop)
    await allowListening(started)
    await started.query(
      `create policy everything on realtime.messages for select to authenticated using (realtime.topic() = 'all:everyone')`,
    )
    return started
  }

  async function serve(options: SupabasePublisherOptions = { url: project.url, key: project.serviceRoleKey }): Promise<Harness> {
    const files = await temporaryDirectory()
    const server = await startHarness(files.path, { publishers: [supabasePublisher(options)], logger: SILENT })
    onTestFinished(async () => {
      await server.close()
      await files.remove()
    })
    return server
  }

  /** What a page hears by the transport, and by nothing else. */
  async function follow(topic: Parameters<ReturnType<ReturnType<typeof supabase>>['subscribe']>[0], from = project) {
    const accessToken = () => from.token()
    const page = supabase({ url: from.url, key: from.anonKey, accessToken, subject: 'everyone' })({ environment: browserEnvironment() })
    onTestFinished(() => page.dispose())
    const heard: unknown[] = []
    await new Promise<void>((onSubscribed, onRefused) => {
      page.subscribe(topic, { onMessage: (raw) => heard.push(raw), onSubscribed, onRefused })
    })
    return heard
  }

  test.each([
    ['with the secret key', () => ({ url: project.url, key: project.serviceRoleKey })],
    ['by the client that the server has', () => ({ client: createClient(project.url, project.serviceRoleKey) })],
  ])('%s: what the manager says is heard by those who follow the job, the operation, or everything', async (_how, options) => {
    const { manager } = (await serve(options())).sync
    const job_id = crypto.randomUUID()
    const [job, all] = [await follow({ kind: 'job', id: job_id }), await follow({ kind: 'all' })]
    const id = await manager.createSyncOperation({ operation_type: 'update', job_id })
    const operation = await follow({ kind: 'operation', id })
    await manager.completeSyncOperation(id, 'completed', { result: { name: '"}]} \u{1F600} <b>\n' } })
    const word = await manager.get(id)
    for (const heard of [job, all, operation]) await vi.waitFor(() => expect(heard).toContainEqual(word), PATIENCE)
    expect(job).toHaveLength(2)
  })

  test('while Realtime is dead commands go on as ever; once it is back, the page ends where the server is', async () => {
    const server = await serve()
    const monitor = createStatusMonitor({
      backend: statusRoutes({ url: server.url }),
      realtime: supabase({ url: project.url, key: project.anonKey, accessToken: () => project.token(), subject: 'everyone' }),
    })
    onTestFinished(() => monitor.dispose())
    monitor.$operations.listen(() => {})
    await vi.waitFor(() => expect(monitor.$connection.get().status).toBe('connected'), PATIENCE)
    const { manager } = server.sync
    await project.kill()
    const ids: string[] = []
    for (let index = 0; index < 30; index += 1) ids.push(await manager.createSyncOperation({ operation_type: 'upload' }))
    await project.restart()
    const last = await manager.createSyncOperation({ operation_type: 'upload' })
    await vi.waitFor(() => {
      const shown = new Set(monitor.$operations.get().map(({ operation_id }) => operation_id))
      for (const id of [...ids, last]) expect(shown).toContain(id)
    }, PATIENCE)
  })

  test('a project of a small plan refuses what comes too fast: it is told when there is room, and nothing is missing', async () => {
    const small = await start({ limits: { eventsPerSecond: 40, rateTick: 200 } })
    const { manager } = (await serve({ url: small.url, key: small.serviceRoleKey })).sync
    const heard = await follow({ kind: 'job', id: 'many' }, small)
    const ids: string[] = []
    for (let index = 0; index < 60; index += 1) ids.push(await manager.createSyncOperation({ operation_type: 'upload', job_id: 'many' }))
    for (const id of ids) await manager.completeSyncOperation(id, 'completed')
    await vi.waitFor(() => {
      for (const operation_id of ids) expect(heard).toContainEqual(expect.objectContaining({ operation_id, status: 'completed' }))
    }, PATIENCE)
  })

  test('of what is too large for the project it is told that there is news, and the page reads it from the snapshot', async () => {
    const small = await start({ limits: { eventsPerSecond: 1e6, payloadBytes: 2000 } })
    const server = await serve({ url: small.url, key: small.serviceRoleKey })
    const monitor = createStatusMonitor({
      backend: statusRoutes({ url: server.url }),
      realtime: supabase({ url: small.url, key: small.anonKey, accessToken: () => small.token(), subject: 'everyone' }),
    })
    onTestFinished(() => monitor.dispose())
    monitor.$operations.listen(() => {})
    await vi.waitFor(() => expect(monitor.$connection.get().status).toBe('connected'), PATIENCE)
    const { manager } = server.sync
    const shown = (id: string) => monitor.$operations.get().find(({ operation_id }) => operation_id === id)
    const id = await manager.createSyncOperation({ operation_type: 'upload' })
    await vi.waitFor(() => expect(shown(id)?.status).toBe('pending'), PATIENCE)
    await manager.completeSyncOperation(id, 'completed', { result: 'x'.repeat(5000) })
    // Before the page would look by itself, which it does each 30 s.
    await vi.waitFor(() => expect(shown(id)?.status).toBe('completed'), { ...PATIENCE, timeout: 20_000 })
  })

  test('a key that is not valid any more is told to the operator, and is no reason to fail', async () => {
    const expired = await project.token({ role: 'service_role' }, -10)
    const error = vi.fn()
    const files = await temporaryDirectory()
    const publisher = supabasePublisher({ url: project.url, key: expired })
    const server = await startHarness(files.path, { publishers: [publisher], logger: { ...SILENT, error } })
    onTestFinished(async () => {
      await server.close()
      await files.remove()
    })
    await server.sync.manager.createSyncOperation({ operation_type: 'upload' })
    await vi.waitFor(() => expect(error).toHaveBeenCalled(), PATIENCE)
    expect(String(error.mock.calls[0]?.[1])).toBe('Error: Supabase answered 401: Unauthorized. See that `key` is the project’s secret key.')
  })
})
