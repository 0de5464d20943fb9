import { describe, expect, test } from 'vitest'
import { createS3Keys } from './keys.js'

describe('keys', () => {
  test('are below a prefix, and made of operation ids alone', () => {
    const keys = createS3Keys('app/uploads/')
    expect(keys.of('a1')).toBe('app/uploads/a1')
    expect(keys.operationOf('app/uploads/a1')).toBe('a1')
    for (const key of ['a1', 'app/uploads/', 'app/uploads/a/b', 'app/uploads/a b', 'other/app/uploads/a1']) {
      expect(keys.operationOf(key)).toBeUndefined()
    }
  })

  test('need a prefix: a bucket may be shared', () => {
    for (const prefix of ['', '/', '../a', 'a//b', 'a b']) expect(() => createS3Keys(prefix)).toThrow(TypeError)
  })
})
