import type { PutPlan } from '@upload-panel/core/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { partBegins, type Harness, startHarnessOfTest } from './testing/harness.js'
import { slowPut } from './testing/slow-put.js'

describe('an upload from its plan to its confirmation', () => {
  let server: Harness

  beforeEach(async () => {
    server = await startHarnessOfTest()
  })

  test('is refused once the server closes, with a word on when to come back', async () => {
    await server.sync.close()
    const response = await server.post('queries/operations', { all: true })
    expect([response.status, response.headers.get('retry-after'), response.headers.get('upload-panel-protocol')]).toEqual([503, '1', '1'])
    expect(await response.json()).toMatchObject({ code: 'server_closing', retryable: true })
  })

  test('is cut off where it does not end within the grace of a close', async () => {
    const planned = await server.create({ size: 5 })
    const put = slowPut(`${server.url}/${(planned.plan as PutPlan).url}`)
    await put.write(Buffer.from('he'))
    await partBegins(server.directory, planned.operation_id)
    await server.sync.close({ graceMs: 1 })
    expect(await put.answer).toMatchObject({ status: 503, code: 'server_closing' })
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
