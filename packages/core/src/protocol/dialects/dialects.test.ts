import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBy, decodeSyncStatus, NO_TIME, type Decode, type Decoded } from '../decode.js'
import type { SyncStatusUpdate } from '../sync-status-update.js'
import { jobProgress } from './job-progress.js'
import { uploadProgress } from './upload-progress.js'

type Example = readonly [message: Readonly<Record<string, unknown>>, update: Partial<SyncStatusUpdate>, rest?: Partial<Decoded>]

/** As text and as an object: STOMP carries the one, Socket.IO the other. */
function check(decode: Decode, examples: readonly Example[]): void {
  test.each(examples)('%j', (message, update, rest = {}) => {
    for (const raw of [message, JSON.stringify(message)]) {
      const decoded = decode(raw)
      expect(decoded).toMatchObject({ phase: 'processing', order: 'arrival', ...rest })
      expect(decoded?.update).toEqual({ operation_type: 'upload', timestamp: NO_TIME, ...update })
    }
  })
}

const reasonOf = (decode: Decode, raw: unknown) => {
  try {
    return decode(raw)
  } catch (error) {
    return (error as Error).message
  }
}

describe('jobProgress', () => {
  const file = { jobId: 'job-1', fileId: 'file-1' }
  const names = { operation_id: 'file-1', job_id: 'job-1' }
  check(jobProgress, [
    [
      { ...file, status: 'QUEUED', progress: 0 },
      { ...names, status: 'pending', progress: 0 },
    ],
    [{ ...file, status: 'UPLOADING', progress: 40 }, { ...names, status: 'in_progress', progress: 40 }, { phase: 'transfer' }],
    [
      { ...file, status: 'PROCESSING', progressPercent: 12.5 },
      { ...names, status: 'in_progress', progress: 12.5 },
    ],
    [
      { ...file, status: 'PROCESSING', progress: 50, message: 'Making thumbnails' },
      { ...names, status: 'in_progress', progress: 50, message: 'Making thumbnails' },
    ],
    [
      { ...file, status: 'COMPLETED', progress: 99.6 },
      { ...names, status: 'completed', progress: 100 },
    ],
    [
      { ...file, status: 'COMPLETED', result: { url: '/a' } },
      { ...names, status: 'completed', progress: 100, result: { url: '/a' } },
    ],
    [
      { ...file, status: 'FAILED', progress: 30, error: 'Not an image' },
      {
        ...names,
        status: 'failed',
        progress: 30,
        error: { code: 'remote_error', message: 'Not an image', retryable: true },
      },
    ],
    [
      { ...file, status: 'FAILED', error: { code: 'virus_found', message: 'A virus', retryable: false } },
      { ...names, status: 'failed', progress: 0, error: { code: 'virus_found', message: 'A virus', retryable: false } },
    ],
    [
      { ...file, status: 'FAILED', error: null, message: 'Too small' },
      {
        ...names,
        status: 'failed',
        progress: 0,
        message: 'Too small',
        error: { code: 'remote_error', message: 'Too small', retryable: true },
      },
    ],
    [
      { ...file, status: 'FAILED' },
      { ...names, status: 'failed', progress: 0 },
    ],
    [
      { jobId: 7, photoId: 42, status: 'PROCESSING', progress: null, message: null, error: null },
      { operation_id: '42', job_id: '7', status: 'in_progress', progress: 0 },
    ],
    [
      { photoId: 'p', status: 'processing' },
      { operation_id: 'p', status: 'in_progress', progress: 0 },
    ],
    [
      { ...file, status: 'PROCESSING', progress: 100.00000001 },
      { ...names, status: 'in_progress', progress: 100 },
    ],
    [{ ...file, status: 'PROCESSING', version: 7 }, { ...names, status: 'in_progress', progress: 0, version: 7 }, { order: 'version' }],
    [
      { ...file, status: 'PROCESSING', timestamp: '2026-01-01T00:00:00.5Z' },
      { ...names, status: 'in_progress', progress: 0, timestamp: '2026-01-01T00:00:00.5Z' },
      { order: 'timestamp' },
    ],
    [
      { ...file, status: 'PROCESSING', timestamp: 1767225600 },
      { ...names, status: 'in_progress', progress: 0 },
    ],
  ])

  test('knows the order of its statuses', () => {
    const ranks = ['QUEUED', 'UPLOADING', 'PROCESSING', 'COMPLETED'].map((status) => jobProgress({ ...file, status })?.rank)
    expect(ranks).toEqual([0, 1, 2, 3])
  })
})

describe('uploadProgress', () => {
  check(uploadProgress, [
    [
      { uploadId: 'u', status: 'starting', progress: 0, message: 'Starting' },
      { operation_id: 'u', status: 'pending', progress: 0, message: 'Starting' },
    ],
    [
      { uploadId: 'u', status: 'compressing', progress: 45, message: 'Compressing video' },
      { operation_id: 'u', status: 'in_progress', progress: 45, stage: 'compressing', message: 'Compressing video' },
    ],
    [
      { uploadId: 'u', status: 'uploading', progress: 80 },
      { operation_id: 'u', status: 'in_progress', progress: 80, stage: 'uploading' },
    ],
    [
      { uploadId: 'u', status: 'completed', progress: 100, message: 'Done', element: { id: 5 } },
      { operation_id: 'u', status: 'completed', progress: 100, message: 'Done', result: { id: 5 } },
    ],
    [
      { uploadId: 'u', status: 'completed' },
      { operation_id: 'u', status: 'completed', progress: 100 },
    ],
    [
      { uploadId: 'u', status: 'error', progress: 0, message: 'Codec unknown' },
      {
        operation_id: 'u',
        status: 'failed',
        progress: 0,
        message: 'Codec unknown',
        error: { code: 'remote_error', message: 'Codec unknown', retryable: true },
      },
    ],
    [
      { uploadId: 12, status: 'uploading', progress: 1, element: 'early' },
      { operation_id: '12', status: 'in_progress', progress: 1, stage: 'uploading' },
    ],
  ])
})

describe.each([
  ['jobProgress', jobProgress, { jobId: 'j', fileId: 'f', status: 'PROCESSING', progress: 1, message: 'm', error: 'e' }],
  ['uploadProgress', uploadProgress, { uploadId: 'u', status: 'uploading', progress: 1, message: 'm', element: {} }],
] as const)('%s refuses', (_name, decode, valid) => {
  test.each([
    ['text that is not JSON', '<html>', 'not JSON'],
    ['nothing', null, 'not an object'],
    ['a list', '[]', 'not an object'],
    ['no id', { ...valid, fileId: undefined, uploadId: undefined }, 'operation_id is not an identifier'],
    ['an id that is an object', { ...valid, fileId: {}, uploadId: {} }, 'operation_id is not an identifier'],
    ['a status that is unknown', { ...valid, status: 'toString' }, 'status is unknown'],
    ['progress that is text', { ...valid, progress: '50' }, 'progress is not within 0..100'],
    ['a message that is no text', { ...valid, message: {} }, 'message is malformed'],
    ['four megabytes of text', JSON.stringify({ ...valid, message: 'x'.repeat(2 ** 22) }), 'too large'],
    ['an object of four megabytes', { ...valid, message: 'x'.repeat(2 ** 22) }, 'too large, too deep, or not JSON'],
    ['deep nesting', `{"error":${'['.repeat(1000)}${']'.repeat(1000)}}`, 'too large, too deep, or not JSON'],
    [
      'a field that throws',
      {
        get status() {
          throw new Error('mine')
        },
      },
      'not JSON',
    ],
  ])('%s', (_what, raw, reason) => {
    expect(reasonOf(decode, raw)).toBe(reason)
  })

  test('whatever is sent, or answers with what the wire knows', () => {
    const message = fc.record(
      Object.fromEntries(
        [...Object.entries(valid), ['version', 1] as const, ['timestamp', ''] as const].map(([field, value]) => [
          field,
          fc.oneof({ weight: 3, arbitrary: fc.constant(value) }, fc.anything({ withBigInt: true, withNullPrototype: true })),
        ]),
      ),
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.oneof(message, fc.anything(), fc.json(), fc.string()), (raw) => {
        const decoded = reasonOf(decode, raw)
        if (typeof decoded === 'string') return
        expect(decodeSyncStatus(decoded?.update).update).toEqual(decoded?.update)
      }),
      { numRuns: 500 },
    )
  })
})

describe('a decode of the page’s own', () => {
  const update = { operation_id: 'op', operation_type: 'upload', status: 'in_progress', progress: 5, timestamp: NO_TIME } as const

  test('may say less than it should', () => {
    expect(decodeBy(() => ({ update }) as never, '')).toEqual({ update, phase: 'processing', order: 'timestamp' })
    expect(decodeBy(() => ({ update: { ...update, version: 3 }, phase: 'transfer', order: 'arrival', rank: 1 }), '')).toMatchObject({
      phase: 'transfer',
      order: 'version',
    })
  })

  test.each([
    ['null', null],
    ['nothing', undefined],
    ['a promise', Promise.resolve()],
    ['an update that is none', { update: { ...update, status: 'done' } }],
    ['text', 'completed'],
  ])('that answers %s drops the message', (_what, answer) => {
    expect(() => decodeBy(() => answer as never, '')).toThrow(Error)
  })
})
