import { describe, expect, it } from 'vitest'
import { readResponse } from './raw-response.js'

const { header, ...rest } = readResponse({
  status: 201,
  text: 'body',
  headers: 'content-type: text/plain\r\netag: "a:b"\r\nX-Empty:\r\nlink: <a>, <b>\r\n',
})

describe('an answer that crossed as plain data', () => {
  it('keeps status and text', () => {
    expect(rest).toEqual({ status: 201, text: 'body' })
  })

  it.each([
    ['etag', '"a:b"'],
    ['ETag', '"a:b"'],
    ['content-type', 'text/plain'],
    ['x-empty', ''],
    ['link', '<a>, <b>'],
  ])('reads %s', (name, value) => {
    expect(header(name)).toBe(value)
  })

  it.each(['absent', 'content', 'type', '"a'])('has no header %j', (name) => {
    expect(header(name)).toBeUndefined()
  })
})
