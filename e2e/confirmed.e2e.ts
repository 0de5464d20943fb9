import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { UploadPanel } from '@upload-panel/widget/upload-panel'
import { hashesBelow, MIB, type TestFile, writeTestFile } from './support/files.js'
import { expect, test } from './support/test.js'

const SIZES: readonly (readonly [name: string, size: number])[] = [
  ['zero bytes.txt', 0],
  ['one byte.bin', 1],
  ['five mebibytes.bin', 5 * MIB],
  ['five mebibytes and one.bin', 5 * MIB + 1],
  ['sixty-four mebibytes.bin', 64 * MIB],
  ['😀 emoji 👩‍👩‍👧‍👦.txt', 1234],
  ['עברית שם קובץ.txt', 777],
  ['ملف عربي.pdf', 4321],
  ['日本語のファイル.txt', 99],
  [`${'n'.repeat(251)}.bin`, 255],
  ['  spaces  around  .txt', 10],
  ['semi;colon & (brackets) % #.txt', 64],
  ['no extension', 512],
  ['.hidden', 33],
  ['ten mebibytes.bin', 10 * MIB],
]

/** Names that no file system takes, but that a page can give to a `File`. */
const IMPOSSIBLE_NAMES = ['../../escape.txt', '..', '/etc/passwd', 'a/b\\c"d".txt', '<img src=x onerror=alert(1)>.png']

test('thirty mixed files arrive byte for byte and are confirmed', async ({ panel, demo, directory }) => {
  const files: TestFile[] = []
  for (const [index, [name, size]] of SIZES.entries()) files.push(await writeTestFile(directory, name, size, index + 1))
  for (let index = files.length; index < 30 - IMPOSSIBLE_NAMES.length; index += 1) {
    files.push(await writeTestFile(directory, `plain ${index}.dat`, 1000 * index, index + 1))
  }
  const made = IMPOSSIBLE_NAMES.map((name, index) => ({ name, content: `content of ${index}` }))

  await panel.choose(files.map((file) => file.path))
  await panel.add(made)
  await panel.expectAllCompleted(30)

  const expected = [...files.map((file) => file.sha256), ...made.map((file) => createHash('sha256').update(file.content).digest('hex'))]
  const items = await panel.items()
  expect(items.map((item) => item.name)).toEqual([...files, ...made].map((file) => file.name))
  // The server's own word for each: the hash that its processing found.
  expect(items.map((item) => item.result?.sha256)).toEqual(expected)

  const onDisk = await hashesBelow(join(demo.dataDirectory, 'files', 'objects'))
  expect([...onDisk].sort()).toEqual([...expected].sort())
})

test('what was confirmed can be fetched again, as an attachment that runs nothing', async ({ panel, demo, directory }) => {
  const file = await writeTestFile(directory, 'page “ä”.html', 3 * MIB, 7)
  await panel.choose([file.path])
  await panel.expectAllCompleted(1)
  const [item] = await panel.items()
  const response = await fetch(`${demo.url}${item?.result?.url}`)
  expect(response.headers.get('content-disposition')).toMatch(/^attachment;.*filename\*=UTF-8''page%20%E2%80%9C%C3%A4%E2%80%9D\.html/)
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(response.headers.get('content-security-policy')).toContain('sandbox')
  const body = new Uint8Array(await response.arrayBuffer())
  expect(createHash('sha256').update(body).digest('hex')).toBe(file.sha256)
})

test('an image comes back with a thumbnail that the server made, and what only claims to be one without', async ({ panel, page }) => {
  await page.locator('upload-panel').evaluate(async (element: UploadPanel) => {
    const canvas = new OffscreenCanvas(640, 480)
    const context = canvas.getContext('2d')!
    context.fillStyle = 'rebeccapurple'
    context.fillRect(0, 0, 640, 480)
    const picture = new File([await canvas.convertToBlob({ type: 'image/png' })], 'picture.png', { type: 'image/png' })
    const claimed = new File(['not a picture'], 'claimed.png', { type: 'image/png' })
    const markup = new File(['<svg xmlns="http://www.w3.org/2000/svg"/>'], 'drawing.svg', { type: 'image/svg+xml' })
    element.addFiles([picture, claimed, markup])
  })
  await panel.expectAllCompleted(3)
  const [picture, claimed, markup] = await panel.items()
  expect(claimed?.result?.thumbnailUrl).toBeUndefined()
  expect(markup?.result?.thumbnailUrl).toBeUndefined()
  const shown = panel.row('picture.png').locator('img')
  await expect(shown).toHaveAttribute('src', new RegExp(`${picture?.result?.thumbnailUrl}$`))
  await expect
    .poll(() => shown.evaluate((img: HTMLImageElement) => [img.complete, img.naturalWidth, img.naturalHeight]))
    .toEqual([true, 192, 192])
})
