import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Harness, startHarness, temporaryDirectory } from './testing/harness.js'

describe('an upload from its plan to its confirmation', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>
  let server: Harness

  beforeEach(async () => {
    directory = await temporaryDirectory()
    server = await startHarness(directory.path)
  })
  afterEach(async () => {
    await server.close()
    await directory.remove()
  })

  test('is told to whoever subscribed to its job before it was created', async () => {
    const events = await server.events('job_id=job-1')
    const planned = await server.create({ size: 5, name: 'five.bin' }, 'job-1')
    expect(await events.until(() => true)).toMatchObject({
      operation_id: planned.operation_id,
      status: 'pending',
      file: { name: 'five.bin', size: 5 },
    })
    await server.send(planned, Buffer.from('hello'))
    await server.complete(planned.operation_id)
    expect(await events.until(() => true)).toMatchObject({ operation_id: planned.operation_id, status: 'completed', progress: 100 })
    const file = await server.sync.readFile(planned.operation_id)
    expect(await new Response(file?.stream()).text()).toBe('hello')
  })
})
