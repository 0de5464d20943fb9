import { UploadError } from '@upload-panel/core'
import { expect } from 'chai'
import { mountPanel, unmountAll } from '../testing/panel-harness.js'

afterEach(unmountAll)

it('a file that is chosen again is that of its dialog, though the row has been lent to another meanwhile', async () => {
  const { uploader, add, set, row } = await mountPanel()
  const lost = { phase: 'waiting', reason: 'file', error: new UploadError('file_unreadable', 'The file is gone.') } as const
  const [first = '', second = ''] = await add('a.bin', 'b.bin')
  await set(first, lost)
  await set(second, lost)
  const { element, root, button } = row('a.bin')
  const input = root.querySelector('input')
  if (!input) throw new Error('The row has no picker.')
  input.addEventListener('click', (event) => event.preventDefault())
  button('Choose the file again').click()
  element.itemId = second
  await element.updateComplete
  const transfer = new DataTransfer()
  transfer.items.add(new File(['content'], 'a.bin'))
  input.files = transfer.files
  input.dispatchEvent(new Event('change', { bubbles: true }))
  expect(uploader.calls.at(-1)?.slice(0, 2)).to.deep.equal(['replaceFile', first])
})
