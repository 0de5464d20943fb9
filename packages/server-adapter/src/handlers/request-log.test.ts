import { beforeEach, describe, expect, test } from 'vitest'
import type { Logger } from '../logger.js'
import { type Harness, startHarnessOfTest } from '../testing/harness.js'
import { manualClock } from '../testing/manual-clock.js'

interface Line {
  readonly level: string
  readonly message: string
  readonly details: Record<string, unknown>
}

let server: Harness
let lines: Line[]

beforeEach(async () => {
  lines = []
  const at = (level: string) => (message: string, details?: unknown) =>
    void lines.push({ level, message, details: details as Record<string, unknown> })
  const logger: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  const authorize = ({ request }: { readonly request: Request }) => {
    const token = request.headers.get('authorization')
    if (token === 'Bearer fault') throw new TypeError('The database is gone.')
    return token === null ? null : { subject: 'anna@example.com' }
  }
  server = await startHarnessOfTest({ logger, authorize, clock: manualClock(), cors: { origins: ['https://app.example'] } })
})

const headers = { authorization: 'Bearer hunter2' }

describe('the log of requests', () => {
  test('has a line of each, with its route, and who asked as a hash', async () => {
    const answer = await server.post(
      'queries/operations',
      { all: true },
      { ...headers, 'x-request-id': 'proxy-1', origin: 'https://app.example' },
    )
    expect(answer.headers.get('access-control-expose-headers')).toContain('x-request-id')
    expect(answer.headers.get('x-request-id')).toBe('proxy-1')
    expect(lines).toEqual([
      {
        level: 'info',
        message: 'POST /queries/operations 200',
        details: {
          request_id: 'proxy-1',
          method: 'POST',
          route: '/queries/operations',
          status: 200,
          ms: 0,
          subject: expect.stringMatching(/^[0-9a-f]{12}$/),
        },
      },
    ])
  })

  test('has no token, signature, id, file name or subject in any line', async () => {
    const planned = await server.create({ name: 'payslip.pdf', size: 1 }, undefined, headers)
    await server.send(planned, Buffer.from('x'))
    await server.request(`queries/uploads/${planned.operation_id}/parts?token=hunter2`, { headers })
    await server.request('nowhere/payslip.pdf')
    expect(lines.filter(({ level }) => level !== 'debug').map(({ message }) => message)).toEqual([
      'POST /commands/upload-jobs 200',
      'PUT /storage/:id 200',
      'GET /queries/uploads/:id/parts 200',
      'GET /* 404',
    ])
    const text = JSON.stringify(lines)
    for (const secret of ['hunter2', 'payslip', 'anna', planned.operation_id, 'signature']) expect(text).not.toContain(secret)
  })

  test.each(['', 'a\tb', 'x'.repeat(129), 'ü'])('gives a request a name of its own where %j came', async (given) => {
    const answer = await server.request('nowhere', { headers: { 'x-request-id': given } })
    expect(answer.headers.get('x-request-id')).toMatch(/^[\w-]{16,}$/)
  })

  test('names a fault and its request alike', async () => {
    const answer = await server.post('queries/operations', { all: true }, { authorization: 'Bearer fault' })
    expect(answer.status).toBe(500)
    const [fault, line] = lines
    expect(fault).toMatchObject({ level: 'error', details: { error: { message: 'The database is gone.' } } })
    expect(line).toMatchObject({ level: 'info', details: { status: 500 } })
    expect(fault?.details['request_id']).toBe(line?.details['request_id'])
    expect(line?.details['request_id']).toBe(answer.headers.get('x-request-id'))
  })
})
