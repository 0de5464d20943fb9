import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_MESSAGE_SIZE } from './json.js'
import { isTerminal, parseSyncStatusUpdate, type SyncStatusUpdate } from './sync-status-update.js'
import { MAX_TEXT_LENGTH } from './text.js'

const required = {
  operation_id: 'op',
  operation_type: 'upload',
  status: 'in_progress',
  progress: 50,
  timestamp: '2026-01-01T00:00:00Z',
} as const satisfies SyncStatusUpdate
const optional = {
  message: 'text',
  performance_data: { duration_ms: 1 },
  version: 1,
  job_id: 'job',
  client_ref: 'ref',
  attempt: 1,
  stage: 'syncing',
  total_items: 3,
  processed_items: 2,
  failed_items: 0,
  triggered_by: 'a person',
  source: 'cms',
  result: { url: '/a' },
  error: { code: 'c', message: 'm', retryable: true },
  file: { name: 'a', size: 0, type: '', relative_path: 'b/a' },
} as const satisfies Omit<SyncStatusUpdate, keyof typeof required>

const read = (value: unknown) => {
  const parsed = parseSyncStatusUpdate(value)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.value
}
const reasonOf = (value: unknown) => {
  const parsed = parseSyncStatusUpdate(value)
  return parsed.ok ? undefined : parsed.reason
}

describe('a message that is read', () => {
  test('needs no more than the required fields', () => {
    expect(read(required)).toEqual(required)
  })

  test('may have every optional field', () => {
    expect(read({ ...required, ...optional })).toEqual({ ...required, ...optional })
  })

  test('may come as JSON text', () => {
    expect(read(JSON.stringify({ ...required, ...optional }))).toEqual({ ...required, ...optional })
  })

  test('keeps fields that this version does not know, its error, file and data included', () => {
    const more = { from_version_2: [{ a: null }], error: { ...optional.error, hint: 'h' }, file: { ...optional.file, width: 3 } }
    expect(read({ ...required, ...more })).toEqual({ ...required, ...more })
  })

  test('is a new object: what the transport handed over is not touched', () => {
    const raw = Object.freeze({ ...required, message: 'a\u0000b', version: null })
    expect(read(raw)).toEqual({ ...required, message: 'ab' })
    expect(raw.message).toBe('a\u0000b')
  })

  test.each(Object.keys(optional))('takes null in %s for absent, as SQL rows write it', (field) => {
    expect(read({ ...required, [field]: null })).toEqual(required)
  })

  test('takes null in the path of a file for absent', () => {
    const { relative_path: _, ...file } = optional.file
    expect(read({ ...required, file: { ...file, relative_path: null } }).file).toEqual(file)
  })

  test.each([0, 100, 0.5, 99.999])('takes the progress %d', (progress) => {
    expect(read({ ...required, progress }).progress).toBe(progress)
  })

  test('has its texts cleaned and bounded, never refused for their length', () => {
    const hostile = '<img onerror=x>\u202E\u0000' + 'x'.repeat(10_000)
    const update = read({
      ...required,
      message: hostile,
      stage: hostile,
      triggered_by: hostile,
      source: hostile,
      error: { code: hostile, message: hostile, retryable: false },
      file: { name: hostile, size: 1, type: hostile, relative_path: hostile },
    })
    const clean = ('<img onerror=x>' + 'x'.repeat(10_000)).slice(0, MAX_TEXT_LENGTH)
    expect(update).toMatchObject({
      message: clean,
      stage: clean,
      triggered_by: clean,
      source: clean,
      error: { code: clean, message: clean },
      file: { name: clean, type: clean, relative_path: clean },
    })
  })

  test('has its result as the server sent it, long texts included', () => {
    const result = { preview: `data:image/png;base64,${'A'.repeat(20_000)}` }
    expect(read({ ...required, result }).result).toEqual(result)
  })

  test('keeps right-to-left names', () => {
    expect(read({ ...required, file: { name: 'تقرير.pdf', size: 1, type: '' } }).file?.name).toBe('تقرير.pdf')
  })
})

describe('a message that is dropped', () => {
  test.each(Object.keys(required))('lacks %s', (field) => {
    const { [field as 'status']: _, ...rest } = required
    expect(reasonOf(rest)).toContain(field)
    expect(reasonOf({ ...required, [field]: null })).toContain(field)
  })

  const wrong: Readonly<Record<string, readonly unknown[]>> = {
    operation_id: ['', 7, {}, ['op'], 'x'.repeat(201), 'a\nb', '\uD800'],
    operation_type: ['', 'UPLOAD', 'toString', 7, ['upload']],
    status: ['', 'COMPLETED', 'done', '__proto__', 7, { status: 'completed' }],
    progress: ['50', -1, 100.1, NaN, Infinity, {}, [50]],
    timestamp: ['', 'now', 1767225600000, {}, '2026-01-01', 'x'.repeat(1000)],
    message: [7, {}, ['text']],
    performance_data: ['text', 7, []],
    version: ['1', -1, 1.5, 2 ** 53, NaN, Infinity],
    job_id: ['', 7, 'x'.repeat(201)],
    client_ref: ['', 7, {}, 'a\u0000'],
    attempt: [0, -1, 1.5, '1'],
    stage: [7, {}],
    total_items: [-1, '3'],
    processed_items: [1.5],
    failed_items: [{}],
    triggered_by: [7],
    source: [[]],
    error: [
      'it failed',
      [],
      {},
      { code: 'c', message: 'm' },
      { code: 7, message: 'm', retryable: true },
      { code: 'c', message: 'm', retryable: 'yes' },
    ],
    file: [
      'a.txt',
      [],
      { name: 'a', type: '' },
      { name: 'a', size: -1, type: '' },
      { name: 7, size: 1, type: '' },
      { name: 'a', size: 1, type: '', relative_path: 7 },
    ],
  }
  test.each(Object.entries(wrong).flatMap(([field, values]) => values.map((value) => [field, value] as const)))(
    'has the %s %j',
    (field, value) => {
      expect(reasonOf({ ...required, [field]: value })).toContain(field)
    },
  )

  test.each([undefined, null, 7, true, [], [required], '', '{', 'null', '7', '"text"', '[]', 'data: {}'])('is %j', (raw) => {
    expect(reasonOf(raw)).toBeDefined()
  })

  test('is larger than a message may be, or nested deeper', () => {
    expect(reasonOf({ ...required, result: 'x'.repeat(MAX_MESSAGE_SIZE) })).toContain('too large')
    expect(reasonOf(`{"result":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)).toContain('too deep')
  })

  test('came as an object that JSON could not say', () => {
    const circle: Record<string, unknown> = { ...required }
    circle['result'] = circle
    expect(reasonOf(circle)).toContain('not JSON')
    expect(reasonOf({ ...required, result: 1n })).toContain('not JSON')
  })
})

describe('a hostile message', () => {
  test('gives no object a prototype that it did not have', () => {
    const update = read(`{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},${JSON.stringify(required).slice(1)}`)
    expect(Object.getPrototypeOf(update)).toBe(Object.prototype)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect((update as { polluted?: unknown }).polluted).toBeUndefined()
  })

  test('does not lend its required fields from a prototype of its own', () => {
    expect(reasonOf(`{"__proto__":${JSON.stringify(required)}}`)).toBeDefined()
    expect(reasonOf(`{"__proto__":{"version":9},${JSON.stringify({ ...required, status: 'no' }).slice(1)}`)).toBeDefined()
  })

  test('is read or dropped, never thrown', () => {
    const raw = fc.oneof(
      fc.anything(),
      fc.string(),
      fc.record(
        Object.fromEntries(
          [...Object.entries(required), ...Object.entries(optional)].map(([k, v]) => [k, fc.oneof(fc.constant(v), fc.anything())]),
        ),
        { requiredKeys: [] },
      ),
    )
    fc.assert(
      fc.property(raw, (value) => {
        const parsed = parseSyncStatusUpdate(value)
        if (!parsed.ok) return
        expect(() => JSON.stringify(parsed.value)).not.toThrow()
        expect(parseSyncStatusUpdate(parsed.value)).toEqual(parsed)
      }),
      { numRuns: 500 },
    )
  })
})

test('completed, failed and cancelled are ends', () => {
  const statuses = ['pending', 'in_progress', 'completed', 'failed', 'cancelled'] as const
  expect(statuses.filter(isTerminal)).toEqual(['completed', 'failed', 'cancelled'])
})
