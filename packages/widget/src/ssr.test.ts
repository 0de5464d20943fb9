import { expect, it } from 'vitest'

it('can be imported where there is no DOM, as when a server renders a page', async () => {
  expect(typeof document).toBe('undefined')
  const { UploadPanel } = await import('./index.js')
  expect(UploadPanel).toBeTypeOf('function')
})
