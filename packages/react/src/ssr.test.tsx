import { renderToString } from 'react-dom/server'
import { expect, it } from 'vitest'
import { UploaderProvider, UploadPanel, useUploadIds, useUploadItem, useUploadItems, useUploadSummary } from './index.js'
import { createTestUploader } from './testing/test-uploader.js'

it('a server renders an empty queue, whatever the uploader holds', async () => {
  const { uploader, add, listeners } = createTestUploader()
  const [id] = await add(3)
  function All() {
    return `${useUploadIds().length} ${useUploadItems().length} ${useUploadSummary().total} ${useUploadItem(id!)?.name}`
  }
  const html = renderToString(
    <UploaderProvider uploader={uploader}>
      <All />
    </UploaderProvider>,
  )
  expect(html).toBe('0 0 0 undefined')
  expect(listeners()).toBe(0)
})

it('a server renders the panel as an element without content', () => {
  expect(renderToString(<UploadPanel theme="light" className="uploads" onUploadCompleted={() => {}} />)).toMatch(
    /^<upload-panel .*class="uploads".*><\/upload-panel>$/,
  )
})
