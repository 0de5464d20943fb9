// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query'
import { act, cleanup, renderHook, waitFor } from '@testing-library/react'
import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import type { ReactNode } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { SyncStatusProvider } from '../sync-status-provider.js'
import { createTestStatus, word } from '../testing/test-status.js'
import { connectQueryClient, OPERATIONS_KEY, operationKey, useQuerySync } from './index.js'

afterEach(cleanup)

describe('a TanStack Query cache', () => {
  it('holds each operation and all of them, as the server says', async () => {
    const { monitor, connect, say } = createTestStatus()
    const queryClient = new QueryClient()
    const stop = connectQueryClient(queryClient, monitor)
    await connect()
    await say('a', { progress: 40 })
    await say('b')
    expect(queryClient.getQueryData<SyncStatusUpdate>(operationKey('a'))?.progress).toBe(40)
    expect(queryClient.getQueryData<SyncStatusUpdate[]>(OPERATIONS_KEY)).toEqual(monitor.$operations.get())

    stop()
    await say('a', { progress: 50 })
    expect(queryClient.getQueryData<SyncStatusUpdate>(operationKey('a'))?.progress).toBe(40)
  })

  it('is written once a frame, however much is said', async () => {
    const { monitor, transport, connect, environment } = createTestStatus()
    const queryClient = new QueryClient()
    connectQueryClient(queryClient, monitor)
    await connect()
    const written = vi.spyOn(queryClient, 'setQueryData')
    for (let version = 1; version <= 40; version += 1) transport.deliver(word('a', { progress: version, version }))
    environment.paint()
    expect(written.mock.calls.map(([key]) => key)).toEqual([operationKey('a'), OPERATIONS_KEY])
  })

  it('is invalidated once by what completes here and by what is taken back, not by what had ended before', async () => {
    const { monitor, connect, say } = createTestStatus()
    await say('old', { status: 'completed' })
    const queryClient = new QueryClient()
    const invalidated: unknown[] = []
    vi.spyOn(queryClient, 'invalidateQueries').mockImplementation(async (filters) => void invalidated.push(filters?.queryKey))
    connectQueryClient(queryClient, monitor, { invalidates: ({ operation_id }) => [['documents', operation_id]] })
    await connect()
    await say('a', { progress: 40 })
    await say('a', { status: 'completed' })
    await say('a', { message: 'Done.' })
    await say('b')
    await say('b', { status: 'failed', error: { code: 'x', message: 'X.', retryable: false } })
    expect(invalidated).toEqual([['documents', 'a']])
    await say('a', { status: 'failed', error: { code: 'virus_found', message: 'A virus was found.', retryable: false } })
    expect(invalidated).toEqual([
      ['documents', 'a'],
      ['documents', 'a'],
    ])
  })

  it('may keep operations under keys of the page’s own, or not at all', async () => {
    const { monitor, connect, say } = createTestStatus()
    const queryClient = new QueryClient()
    connectQueryClient(queryClient, monitor, { queryKey: ({ operation_id }) => (operation_id === 'a' ? ['mine'] : undefined) })
    await connect()
    await say('a')
    await say('b')
    expect(
      queryClient
        .getQueryCache()
        .getAll()
        .map(({ queryKey }) => queryKey),
    ).toEqual([OPERATIONS_KEY, ['mine']])
  })
})

describe('useQuerySync', () => {
  it('asks the page’s own queries again when an operation has completed, by the options of the last render', async () => {
    const { monitor, connect, say, transport } = createTestStatus()
    const queryClient = new QueryClient()
    const fetched = vi.fn(async () => 'documents')
    const wrapper = ({ children }: { readonly children: ReactNode }) => (
      <QueryClientProvider client={queryClient}>
        <SyncStatusProvider monitor={monitor}>{children}</SyncStatusProvider>
      </QueryClientProvider>
    )
    const { result, unmount } = renderHook(
      () => {
        const { data } = useQuery({ queryKey: ['documents'], queryFn: fetched })
        // On the first render there is nothing to invalidate yet.
        useQuerySync({ invalidates: () => (data === undefined ? [] : [['documents']]) })
        return data
      },
      { wrapper },
    )
    await waitFor(() => expect(result.current).toBe('documents'))
    await act(connect)
    await act(() => say('a'))
    await act(() => say('a', { status: 'completed' }))
    expect(fetched).toHaveBeenCalledTimes(2)
    unmount()
    await act(async () => {})
    expect(transport.topics).toEqual([])
  })
})
