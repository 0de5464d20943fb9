import { UploadError } from '@upload-panel/core'
import { describe, expect, test } from 'vitest'
import { english } from '../messages/english.js'
import { anItem, type ItemChange } from '../testing/an-item.js'
import { resultUrl, viewFacts } from './item-facts.js'

const facts = (change: ItemChange) => Object.fromEntries(viewFacts(anItem(change), english).map(({ name, value }) => [name, value]))

describe('what is known of a file', () => {
  test('are its ids, type, size to the byte, and when it was added', () => {
    const { added, ...rest } = facts({ phase: 'queued', operationId: 'operation-7' })
    expect(rest).toEqual({ uploadId: 'item-1', operationId: 'operation-7', type: 'video/mp4', size: '10 MB (10,000,000 bytes)' })
    expect(added).toMatch(/1970|1969/)
  })

  test('is its folder, and which attempt it is where it is not the first', () => {
    expect(facts({ phase: 'queued', relativePath: 'trip/day 1/a.jpg', attempt: 3 })).toMatchObject({ folder: 'trip/day 1', attempt: '3' })
    expect(facts({ phase: 'queued', relativePath: 'a.jpg' })).not.toHaveProperty('folder')
  })

  test('is the stable code of what went wrong, with the server’s own', () => {
    const own = new UploadError('network', 'Lost.')
    const remote = new UploadError('remote_error', 'No.', { remoteCode: 'virus\u202E_found' })
    expect(facts({ phase: 'failed', by: 'self', error: own }).code).toBe('network')
    expect(facts({ phase: 'failed', by: 'server', error: remote }).code).toBe('remote_error: virus_found')
    expect(facts({ phase: 'waiting', reason: 'backoff', error: own }).code).toBe('network')
  })

  test('says a small size once', () => {
    expect(facts({ phase: 'queued', size: 1 }).size).toBe('1 byte')
    expect(facts({ phase: 'queued', size: 999 }).size).toBe('999 bytes')
  })

  test('leaves out what is not known', () => {
    expect(Object.keys(facts({ phase: 'queued', type: '' }))).toEqual(['uploadId', 'size', 'added'])
  })
})

describe('the link to the result', () => {
  const url = (result: unknown) => resultUrl(anItem({ phase: 'completed', result }), 'https://site.test/page')

  test('leads where the server says', () => {
    expect(url({ url: '/files/1' })).toBe('https://site.test/files/1')
    expect(url({ url: 'https://cdn.test/1' })).toBe('https://cdn.test/1')
  })

  test('is there for nothing that runs, and for no nonsense', () => {
    for (const result of [undefined, null, 'https://a.test', {}, { url: 7 }, { url: 'javascript:alert(1)' }, { url: 'data:text/html,x' }])
      expect(url(result)).toBeUndefined()
  })

  test('is not there before the file is confirmed', () => {
    expect(resultUrl(anItem({ phase: 'uploading', sentBytes: 1 }), 'https://site.test')).toBeUndefined()
  })
})
