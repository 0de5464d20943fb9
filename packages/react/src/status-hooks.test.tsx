// @vitest-environment happy-dom
import { createUploader } from '@upload-panel/core'
import { settle } from '@upload-panel/core/testing'
import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import { act, cleanup, render, renderHook } from '@testing-library/react'
import { type ReactNode, StrictMode } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  SyncStatusProvider,
  UploaderProvider,
  useConnection,
  useSyncStatus,
  useUploadJob,
  useUploadProgress,
  type UseUploadProgressOptions,
} from './index.js'
import { createTestStatus } from './testing/test-status.js'
import { createTestWorld } from './testing/test-uploader.js'

afterEach(cleanup)

function setUp() {
  const status = createTestStatus()
  const wrapper = ({ children }: { readonly children: ReactNode }) => (
    <StrictMode>
      <SyncStatusProvider monitor={status.monitor}>{children}</SyncStatusProvider>
    </StrictMode>
  )
  return { ...status, wrapper }
}

describe('useSyncStatus', () => {
  it('follows everything that the server does, on a page that uploads nothing', async () => {
    const { wrapper, connect, say, transport } = setUp()
    const { result, unmount } = renderHook(() => useSyncStatus(), { wrapper })
    expect(result.current).toMatchObject({ isConnected: false, activeOperationsCount: 0, operations: [], lastUpdate: undefined })

    await act(connect)
    await act(() => say('a', { progress: 40, timestamp: '2026-01-01T00:00:01Z' }))
    await act(() =>
      say('b', { status: 'failed', timestamp: '2026-01-01T00:00:02Z', error: { code: 'x', message: 'X.', retryable: false } }),
    )
    expect(result.current).toMatchObject({ isConnected: true, activeOperationsCount: 1, lastUpdate: '2026-01-01T00:00:02Z' })
    expect(result.current.operations.map(({ operation_id, progress }) => [operation_id, progress])).toEqual([
      ['a', 40],
      ['b', 0],
    ])
    expect(result.current.metrics.errorRate).toBe(1)
    expect(result.current.systemHealth.status).toBe('critical')

    unmount()
    await act(settle)
    expect(transport.topics).toEqual([])
  })

  it('answers the same object while nothing has changed', async () => {
    const { wrapper, connect } = setUp()
    const { result, rerender } = renderHook(() => useSyncStatus(), { wrapper })
    await act(connect)
    const before = result.current
    rerender()
    expect(result.current).toBe(before)
  })

  it('asks the server of an UploaderProvider’s options, with one connection for all components', async () => {
    const { options, transport } = createTestWorld()
    const seen: number[] = []
    function Count() {
      seen.push(useSyncStatus().activeOperationsCount)
      return null
    }
    render(
      <UploaderProvider options={options}>
        <Count />
        <Count />
      </UploaderProvider>,
    )
    await act(settle)
    expect(transport.topics.filter(({ kind }) => kind === 'all')).toHaveLength(1)
    expect(seen.every((count) => count === 0)).toBe(true)
  })

  it('says what to do where there is nothing to follow, also below an uploader of the app’s own', () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    expect(() => renderHook(() => useSyncStatus())).toThrow(/Put <SyncStatusProvider/)
    const { options } = createTestWorld()
    const uploader = createUploader(options)
    const wrapper = ({ children }: { readonly children: ReactNode }) => (
      <UploaderProvider options={options}>
        <UploaderProvider uploader={uploader}>{children}</UploaderProvider>
      </UploaderProvider>
    )
    expect(() => renderHook(() => useSyncStatus(), { wrapper })).toThrow(/Put <SyncStatusProvider/)
    vi.restoreAllMocks()
  })

  it('renders nothing known on a server, and finds the same when it hydrates', async () => {
    const { monitor, connect, say } = createTestStatus()
    const stop = monitor.$operations.listen(() => {})
    await connect()
    await say('a')
    function View() {
      const { isConnected, operations, metrics } = useSyncStatus()
      return `${isConnected} ${operations.length} ${metrics.totalOperations}`
    }
    const page = (
      <SyncStatusProvider monitor={monitor}>
        <View />
      </SyncStatusProvider>
    )
    const container = document.createElement('div')
    container.innerHTML = renderToString(page)
    expect(container.textContent).toBe('false 0 0')
    const complaints = vi.spyOn(console, 'error')
    render(page, { container: document.body.appendChild(container), hydrate: true })
    expect(complaints).not.toHaveBeenCalled()
    expect(container.textContent).toBe('true 1 1')
    complaints.mockRestore()
    stop()
  })
})

describe('useConnection', () => {
  it('is the monitor’s, else the uploader’s', async () => {
    const { wrapper, connect } = setUp()
    const { result } = renderHook(() => [useConnection(), useSyncStatus()] as const, { wrapper })
    await act(connect)
    expect(result.current[0]).toMatchObject({ status: 'connected', transport: 'memory' })

    const { options } = createTestWorld()
    const uploaders = ({ children }: { readonly children: ReactNode }) => <UploaderProvider options={options}>{children}</UploaderProvider>
    expect(renderHook(() => useConnection(), { wrapper: uploaders }).result.current.transport).toBe('memory')
  })

  it('says what to do where there is neither', () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    expect(() => renderHook(() => useConnection())).toThrow(/There is no connection here/)
    vi.restoreAllMocks()
  })
})

describe('useUploadJob', () => {
  it('follows a job by its own topic, and another one when it is named', async () => {
    const { wrapper, connect, say, transport } = setUp()
    const { result, rerender } = renderHook(({ id }) => useUploadJob(id), { wrapper, initialProps: { id: 'job-1' } })
    await act(connect)
    expect(transport.topics).toEqual([{ kind: 'job', id: 'job-1' }])
    await act(() => say('a', { job_id: 'job-1', status: 'completed' }))
    await act(() => say('b', { job_id: 'job-1' }))
    expect(result.current).toMatchObject({ totalCount: 2, completedCount: 1 })
    rerender({ id: 'job-2' })
    await act(settle)
    expect(transport.topics).toEqual([{ kind: 'job', id: 'job-2' }])
    expect(result.current?.totalCount ?? 0).toBe(0)
  })
})

describe('useUploadProgress', () => {
  const mount = (status: ReturnType<typeof setUp>, operationId?: string, options?: UseUploadProgressOptions) =>
    renderHook(({ id }: { readonly id: string | undefined }) => useUploadProgress(id, options), {
      wrapper: status.wrapper,
      initialProps: { id: operationId },
    })

  it('follows nothing until it is told what', async () => {
    const status = setUp()
    const { result } = mount(status)
    await act(status.connect)
    expect(status.transport.topics).toEqual([])
    expect(result.current).toMatchObject({ progress: 0, isUploading: false, isCompleted: false, isError: false, error: undefined })

    act(() => result.current.startTracking('a'))
    await act(() => status.say('a', { progress: 30 }))
    expect(status.transport.topics).toEqual([{ kind: 'operation', id: 'a' }])
    expect(result.current).toMatchObject({ operationId: 'a', progress: 30, isUploading: true })
  })

  it('tells each end once', async () => {
    const status = setUp()
    const ends: string[] = []
    const note = (name: string) => (operation: SyncStatusUpdate) => void ends.push(`${name} ${operation.operation_id}`)
    const { result, rerender } = mount(status, 'a', { onComplete: note('complete'), onError: note('error'), onCancel: note('cancel') })
    await act(status.connect)
    await act(() => status.say('a', { progress: 30 }))
    await act(() => status.say('a', { progress: 100, status: 'completed' }))
    await act(() => status.say('a', { message: 'A word more.' }))
    expect(result.current).toMatchObject({ progress: 100, isUploading: false, isCompleted: true })

    await act(() => status.say('a', { status: 'failed', error: { code: 'virus_found', message: 'A virus was found.', retryable: false } }))
    expect(result.current).toMatchObject({ isCompleted: false, isError: true, error: { code: 'virus_found' } })

    rerender({ id: 'b' })
    await act(() => status.say('b', { status: 'cancelled' }))
    expect(result.current).toMatchObject({ operationId: 'b', isCancelled: true, isError: false })
    expect(ends).toEqual(['complete a', 'error a', 'cancel b'])
  })

  it('says that the server does not know an operation', async () => {
    const status = setUp()
    const { result } = mount(status, 'nobody’s')
    await act(status.connect)
    await act(settle)
    act(() => status.environment.paint())
    expect(result.current).toMatchObject({ isUploading: false, isError: true, error: { code: 'unknown_operation' } })
  })

  it('asks for its end', async () => {
    const status = setUp()
    const { result } = mount(status, 'a')
    await act(status.connect)
    await act(() => status.say('a'))
    await act(() => result.current.cancel())
    expect(status.cancelled).toEqual(['a'])
  })
})
