// @vitest-environment happy-dom
import type { RealtimeFactory } from '@upload-panel/core'
import { createMemoryTransport, settle } from '@upload-panel/core/testing'
import { act, cleanup, render } from '@testing-library/react'
import { StrictMode } from 'react'
import { afterEach, describe, expect, it } from 'vitest'
import { SyncStatusProvider, UploaderProvider, useSyncStatus, useUploader, useUploadJob } from './index.js'
import { createTestWorld } from './testing/test-uploader.js'

afterEach(cleanup)

/** Connections that are open, and what is followed on them. */
function setUp() {
  const { options } = createTestWorld()
  const open = new Set<ReturnType<typeof createMemoryTransport>>()
  /** Another server, or another person: what makes connections to it. */
  function realtime(): RealtimeFactory {
    return (context) => {
      const memory = createMemoryTransport()
      const { subscribe, dispose, ...transport } = memory.factory(context)
      return {
        ...transport,
        subscribe(topic, handlers) {
          open.add(memory)
          return subscribe(topic, handlers)
        },
        dispose() {
          open.delete(memory)
          dispose()
        },
      }
    }
  }
  return {
    options: { ...options, realtime: realtime() },
    realtime,
    followed: () => [...open].map(({ topics }) => topics.map((topic) => (topic.kind === 'all' ? 'all' : topic.id)).sort()),
  }
}

function Uploads() {
  const uploader = useUploader()
  return <button type="button" onClick={() => uploader.add([new File(['a'], 'a.txt')])} />
}

const Status = () => useSyncStatus().operations.length
const Job = ({ id }: { readonly id: string }) => useUploadJob(id)?.totalCount

describe('what a page is given one `realtime` for', () => {
  it('is followed on one connection, whichever component goes first, and on none when the last one has gone', async () => {
    const { options, followed } = setUp()
    const own = { ...options, jobId: 'own' }
    const page = (parts: { readonly uploads?: boolean; readonly status?: boolean; readonly elsewhere?: boolean }) => (
      <StrictMode>
        {parts.uploads && (
          <UploaderProvider options={own}>
            <Uploads />
            <Status />
            <Job id="other" />
          </UploaderProvider>
        )}
        {parts.status && (
          <UploaderProvider options={own}>
            <Status />
          </UploaderProvider>
        )}
        {parts.elsewhere && (
          <SyncStatusProvider options={{ realtime: options.realtime }}>
            <Job id="elsewhere" />
          </SyncStatusProvider>
        )}
      </StrictMode>
    )
    const view = render(page({ uploads: true, status: true, elsewhere: true }))
    await act(async () => view.getByRole('button').click())
    await act(settle)
    expect(followed()).toEqual([['all', 'elsewhere', 'other', 'own']])
    view.rerender(page({ status: true, elsewhere: true }))
    await act(settle)
    expect(followed()).toEqual([['all', 'elsewhere']])
    view.rerender(page({ elsewhere: true }))
    await act(settle)
    expect(followed()).toEqual([['elsewhere']])
    view.rerender(page({}))
    await act(settle)
    expect(followed()).toEqual([])
  })

  it('is apart from what is another server’s, or another person’s', async () => {
    const { options, realtime, followed } = setUp()
    render(
      <>
        <SyncStatusProvider options={{ realtime: options.realtime }}>
          <Job id="one" />
        </SyncStatusProvider>
        <SyncStatusProvider options={{ realtime: realtime() }}>
          <Job id="other" />
        </SyncStatusProvider>
      </>,
    )
    await act(settle)
    expect(followed()).toEqual([['one'], ['other']])
  })
})
