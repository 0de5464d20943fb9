import { mkdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { UploadPanel } from '@upload-panel/widget/upload-panel'
import { dropFromDesktop } from './support/desktop-drop.js'
import { MIB, writeTestFile } from './support/files.js'
import { expect, test } from './support/test.js'

test('files and a folder that are dropped from the desktop are uploaded, with their paths below the folder', async ({
  panel,
  api,
  directory,
}) => {
  const single = await writeTestFile(directory, 'single.bin', 100, 1)
  const folder = join(directory, 'album')
  const inner = join(folder, 'summer', 'day 1')
  await mkdir(inner, { recursive: true })
  const outerFile = await writeTestFile(folder, 'cover.bin', 200, 2)
  const innerFiles = []
  // One call of a browser's directory reader answers at most 100 entries.
  for (let index = 0; index < 120; index += 1) innerFiles.push(await writeTestFile(inner, `photo ${index}.bin`, 10 + index, index + 3))

  await dropFromDesktop(panel.page, panel.page.locator('upload-panel'), [single.path, folder])
  await panel.expectAllCompleted(2 + innerFiles.length)

  const items = await panel.items()
  const hashes = new Map(items.map((item) => [item.name, item.result?.sha256]))
  for (const file of [single, outerFile, ...innerFiles]) expect(hashes.get(file.name), file.name).toBe(file.sha256)
  const photo = items.find((item) => item.name === 'photo 7.bin')
  expect((await api.operation(photo?.operationId ?? '')).file).toMatchObject({
    name: 'photo 7.bin',
    relative_path: 'album/summer/day 1/photo 7.bin',
  })
})

test('the same file twice is two uploads', async ({ panel, directory }) => {
  const file = await writeTestFile(directory, 'twin.bin', 1000, 1)
  await panel.choose([file.path])
  await panel.choose([file.path])
  await panel.expectAllCompleted(2)
  const items = await panel.items()
  expect(items.map((item) => item.result?.sha256)).toEqual([file.sha256, file.sha256])
  expect(items[0]?.operationId).not.toBe(items[1]?.operationId)
})

test('a file that is gone from the disk when its turn comes is asked for again, and the others go on', async ({ panel, directory }) => {
  const gone = await writeTestFile(directory, 'gone.bin', MIB, 1)
  const there = await writeTestFile(directory, 'there.bin', MIB, 2)
  await panel.page.locator('upload-panel').evaluate((element: UploadPanel) => element.pause())
  await panel.choose([gone.path, there.path])
  await unlink(gone.path)
  await panel.page.locator('upload-panel').evaluate((element: UploadPanel) => element.resume())
  await panel.expectBadge(there.name, 'Completed')
  await expect.poll(async () => (await panel.items())[0]?.error?.code).toBe('file_unreadable')

  const again = await writeTestFile(join(directory, 'elsewhere'), 'gone.bin', MIB, 1)
  const chooser = panel.page.waitForEvent('filechooser')
  await panel.press('Choose the file again', gone.name)
  await (await chooser).setFiles(again.path)
  await panel.expectAllCompleted(2)
  expect((await panel.items())[0]?.result?.sha256).toBe(gone.sha256)
})
