import type { RowsClient } from '@upload-panel/core/supabase-rows'
import { renderToStaticMarkup, renderToString } from 'react-dom/server'
import { expect, it, vi } from 'vitest'
import {
  RealtimeProvider,
  UploaderProvider,
  UploadPanel,
  useConnection,
  useDropZone,
  useOptimisticCollection,
  useRealtimeWithResilience,
  useSyncStatus,
  useUploadIds,
  useUploadItem,
  useUploadItems,
  useUploadJob,
  useUploadProgress,
  useUploadSummary,
} from './index.js'
import { createTestUploader, createTestWorld } from './testing/test-uploader.js'

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

it('a server renders what every hook says before anything is known, and asks nobody', () => {
  const { options, transport, environment } = createTestWorld()
  const from = vi.fn()
  const client = { from, realtime: {} } as unknown as RowsClient
  function Everything() {
    const status = useSyncStatus()
    const { progress, isUploading } = useUploadProgress('a')
    const { data, isLoaded, connectionStatus } = useRealtimeWithResilience('jobs')
    const { getRootProps, getInputProps, isDragActive } = useDropZone()
    return (
      <div {...getRootProps()}>
        <input {...getInputProps()} />
        {JSON.stringify([
          [status.isConnected, status.operations, status.systemHealth.status, status.lastUpdate],
          [progress, isUploading, useUploadJob('job') === undefined, useConnection().status, isDragActive],
          [data, isLoaded, connectionStatus.status, useOptimisticCollection().rows, useUploadIds()],
        ])}
      </div>
    )
  }
  const html = renderToStaticMarkup(
    <UploaderProvider options={options}>
      <RealtimeProvider client={client}>
        <Everything />
      </RealtimeProvider>
    </UploaderProvider>,
  )
  expect(html.replaceAll('&quot;', '"')).toMatch(
    /^<div role="button" tabindex="0"><input type="file" hidden="" multiple=""\/>\[\[false,\[\],"healthy",null\],\[0,true,true,"disconnected",false\],\[\[\],false,"disconnected",\[\],\[\]\]\]<\/div>$/,
  )
  expect([transport.topics, from.mock.calls, environment.requests]).toEqual([[], [], []])
})

it('a server renders the panel as an element without content', () => {
  expect(renderToString(<UploadPanel theme="light" className="uploads" onUploadCompleted={() => {}} />)).toMatch(
    /^<upload-panel .*class="uploads".*><\/upload-panel>$/,
  )
})
