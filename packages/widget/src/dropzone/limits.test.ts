import { expect, it } from 'vitest'
import { ar } from '../messages/ar.js'
import { createMessages } from '../messages/create-messages.js'
import { english } from '../messages/english.js'
import { cameraTakes, describeLimits } from './limits.js'

it('limits are one line, and none where everything is taken', () => {
  const some = { accept: 'image/*, .pdf,', maxSize: 10_000_000, maxFiles: 3 }
  expect(describeLimits(some, english)).toBe('images, .pdf · up to 10 MB each · at most 3 files')
  expect(describeLimits({ accept: '', maxSize: undefined, maxFiles: undefined }, english)).toBe('')
})

it('the dot of an extension stays before it where text runs from right to left', () => {
  const some = { accept: '.pdf', maxSize: undefined, maxFiles: undefined }
  expect(describeLimits(some, createMessages('ar', ar))).toBe('\u2068.pdf\u2069')
})

it.each([
  ['', 'image/*'],
  ['image/png,.pdf', 'image/*'],
  ['*/*', 'image/*'],
  ['video/*', 'video/*'],
  ['.pdf,text/plain', undefined],
])('where %j is accepted the camera takes %s', (accept, expected) => {
  expect(cameraTakes(accept)).toBe(expected)
})
