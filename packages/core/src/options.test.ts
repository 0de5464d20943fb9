import { expect, test } from 'vitest'
import { resolveOptions } from './options.js'
import { createMemoryServer, createTestEnvironment } from './testing/index.js'

test('what an uploader is not told is as the README says', () => {
  expect(resolveOptions({ backend: createMemoryServer().backend, environment: createTestEnvironment() })).toMatchObject({
    realtime: undefined,
    persistence: undefined,
    isRestored: false,
    concurrency: 100,
    requestSlots: 'auto',
    wish: { multipartFromBytes: 5 * 2 ** 20, partBytes: 'auto', checksum: 'auto' },
    restrictions: {},
    validators: [],
    prepareFile: undefined,
    retry: { attempts: 8, baseMs: 500, capMs: 30_000 },
    processingDeadlineMs: 120_000,
    strategies: [],
    autoStart: true,
    beforeUnload: false,
    wakeLock: false,
    debug: false,
  })
})
