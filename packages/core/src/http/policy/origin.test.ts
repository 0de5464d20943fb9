import { describe, expect, it } from 'vitest'
import { originOf } from './origin.js'

describe('the origin of a URL', () => {
  it.each([
    ['https://s3.test/bucket/key?X-Amz-Signature=a/b', 'https://s3.test'],
    ['https://S3.test:443', 'https://s3.test'],
    ['http://127.0.0.1:9000#x', 'http://127.0.0.1:9000'],
    ['https://user:password@s3.test/a', 'https://s3.test'],
    ['https://s3.test\\@other.test/', 'https://s3.test'],
    ['HTTPS://s3.test/', 'https://s3.test'],
    ['/uploads', 'http://localhost'],
    ['//cdn.test/a', 'http://cdn.test'],
  ])('%s is what browsers say it is', (url, origin) => {
    expect(originOf(url)).toBe(origin)
    expect(originOf(url)).toBe(new URL(url, 'http://localhost').origin)
  })

  it('of a path is that of the page', () => {
    expect(originOf('uploads', 'https://app.test/page')).toBe('https://app.test')
    expect(originOf(new URL('https://a.test/b'))).toBe('https://a.test')
  })

  it('stays right for more origins than are remembered', () => {
    for (let index = 0; index < 250; index += 1) expect(originOf(`https://bucket-${index}.test/a`)).toBe(`https://bucket-${index}.test`)
  })
})
