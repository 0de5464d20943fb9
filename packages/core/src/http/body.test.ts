import { expect, test } from 'vitest'
import { toBodyInit } from './body.js'

test('a file is sent as a slice, which browsers hold to the file as it was chosen, with its type', () => {
  const file = new File(['four'], 'a.png', { type: 'image/png' })
  const body = toBodyInit(file)
  expect(body).not.toBeInstanceOf(File)
  expect(body).toMatchObject({ size: 4, type: 'image/png' })
})

test('what is a part already is sent as it is', () => {
  const part = new File(['four'], 'a').slice(1)
  expect(toBodyInit(part)).toBe(part)
})
