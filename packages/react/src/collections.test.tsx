// @vitest-environment happy-dom
import { createOptimisticCollection } from '@upload-panel/core/optimistic'
import { act, cleanup, render, renderHook, screen } from '@testing-library/react'
import { StrictMode } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { RealtimeErrorBoundary, UploaderProvider, useOptimisticCollection, useRealtimeWithResilience, useUploadSummary } from './index.js'
import { createTestUploader } from './testing/test-uploader.js'

interface Note {
  readonly id?: string
  readonly text: string
}

afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

describe('useOptimisticCollection', () => {
  /** As soon as the change is made. */
  const nextFrame = (tell: () => void) => {
    let isCancelled = false
    queueMicrotask(() => !isCancelled && tell())
    return () => (isCancelled = true)
  }

  it('shows a change at once, and takes it back when it fails', async () => {
    const { result } = renderHook(() => useOptimisticCollection<Note>({ nextFrame }), { wrapper: StrictMode })
    const { addOptimistic, rollback } = result.current
    await act(async () => void addOptimistic('temp-1', { text: 'Hello' }))
    expect(result.current.rows.map(({ value, status }) => [value.text, status])).toEqual([['Hello', 'pending']])
    await act(async () => rollback('temp-1', new Error('No.')))
    expect(result.current.rows.map(({ status }) => status)).toEqual(['failed'])
    expect(result.current.addOptimistic).toBe(addOptimistic)
  })

  it('shows one that is shared, and another one when it is given', async () => {
    const [first, second] = [1, 2].map((number) => {
      const collection = createOptimisticCollection<Note>({ nextFrame })
      collection.applyRemote({ eventType: 'INSERT', new: { id: 'a', text: `Of ${number}` } })
      return collection
    })
    await Promise.resolve()
    const { result, rerender } = renderHook(({ collection }) => useOptimisticCollection(collection), {
      initialProps: { collection: first! },
    })
    expect(result.current.rows[0]?.value.text).toBe('Of 1')
    rerender({ collection: second! })
    expect(result.current.rows[0]?.value.text).toBe('Of 2')
  })
})

describe('useRealtimeWithResilience', () => {
  /** A client whose channel is in the hands of the test, with a table's rows. */
  function createClient(rows: () => Promise<{ data: unknown; error: { message: string } | null }>) {
    let hear = (_change: object) => {}
    let system = (_message: object) => {}
    const queries: unknown[] = []
    const openChannel = () => {
      const channel = {
        state: 'closed',
        on(type: string, _filter: object, callback: (payload: never) => void) {
          if (type === 'postgres_changes') hear = callback as typeof hear
          if (type === 'system') system = callback as typeof system
          return channel
        },
        subscribe(callback: (status: string) => void) {
          channel.state = 'joined'
          callback('SUBSCRIBED')
        },
      }
      return channel
    }
    const removed = vi.fn(async () => 'ok')
    const query = (conditions: readonly unknown[]): object => ({
      select: () => query(conditions),
      abortSignal: () => query(conditions),
      eq: (column: string, value: unknown) => query([...conditions, [column, value]]),
      // oxlint-disable-next-line unicorn/no-thenable
      then: (done: (answer: unknown) => void, failed: (error: unknown) => void) => {
        queries.push(conditions)
        rows().then(done, failed)
      },
    })
    const client = {
      from: () => query([]),
      realtime: {
        channel: openChannel,
        removeChannel: removed,
        setAuth: async () => {},
        isConnected: () => true,
        connect() {},
        disconnect: async () => {},
        heartbeatCallback() {},
        onHeartbeat() {},
      },
    }
    return {
      client,
      queries,
      removed,
      flow: () => system({ extension: 'postgres_changes', status: 'ok', message: 'Subscribed to PostgreSQL' }),
      change: (change: object) => hear(change),
    }
  }
  const settle = () => act(() => vi.advanceTimersByTimeAsync(50))

  it('shows rows, follows them, keeps them when they cannot be asked for, and asks again', async () => {
    vi.useFakeTimers()
    let answer = async (): Promise<{ data: unknown; error: { message: string } | null }> => ({
      data: [{ id: 'a', text: 'One' }],
      error: null,
    })
    const { client, queries, removed, flow, change } = createClient(() => answer())
    const { result, rerender, unmount } = renderHook(
      ({ owner }) => useRealtimeWithResilience<Note & { owner?: string }>('notes', { owner }, { client }),
      { wrapper: StrictMode, initialProps: { owner: 'me' } },
    )
    expect(result.current).toMatchObject({ data: [], isLoaded: false, error: undefined })
    await settle()
    await act(async () => flow())
    await settle()
    expect(result.current).toMatchObject({ data: [{ id: 'a', text: 'One' }], isLoaded: true, connectionStatus: { status: 'connected' } })

    const before = result.current
    rerender({ owner: 'me' })
    expect(result.current).toBe(before)

    await act(async () => change({ eventType: 'INSERT', new: { id: 'b', text: 'Two', owner: 'me' } }))
    await settle()
    expect(result.current.data.map(({ text }) => text)).toEqual(['One', 'Two'])

    answer = async () => ({ data: null, error: { message: 'The database is starting.' } })
    act(() => result.current.refresh())
    await settle()
    expect(result.current).toMatchObject({ data: [{ id: 'a' }, { id: 'b' }], error: { message: 'The database is starting.' } })

    answer = async () => ({ data: [], error: null })
    rerender({ owner: 'somebody else' })
    await settle()
    expect(result.current.data).toEqual([])
    expect(queries.at(-1)).toEqual([['owner', 'somebody else']])

    const channels = removed.mock.calls.length
    unmount()
    await vi.advanceTimersByTimeAsync(50)
    expect(removed.mock.calls.length).toBe(channels + 1)
    const asked = queries.length
    await vi.advanceTimersByTimeAsync(120_000)
    expect(queries).toHaveLength(asked)
  })
})

it('useRealtimeWithResilience says what to do where there is no client', () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  expect(() => renderHook(() => useRealtimeWithResilience('notes'))).toThrow(/no client here. Put <RealtimeProvider/)
  vi.restoreAllMocks()
})

describe('RealtimeErrorBoundary', () => {
  let isBroken = true
  function Live(): string {
    if (isBroken) throw new Error('The list cannot be shown.')
    return 'Live'
  }
  const silence = () => vi.spyOn(console, 'error').mockImplementation(() => {})

  it('shows the last known state, and tries again', () => {
    const quiet = silence()
    isBroken = true
    const onError = vi.fn()
    render(
      <RealtimeErrorBoundary
        onError={onError}
        fallback={({ error, retry }) => (
          <button type="button" onClick={retry}>
            Known: 3. {(error as Error).message}
          </button>
        )}
      >
        <Live />
      </RealtimeErrorBoundary>,
    )
    expect(onError).toHaveBeenCalledOnce()
    isBroken = false
    act(() => screen.getByText('Known: 3. The list cannot be shown.').click())
    expect(screen.getByText('Live')).toBeTruthy()
    quiet.mockRestore()
  })

  it('lets uploads go on below it, and shows where they are when it is tried again', async () => {
    const quiet = silence()
    const { uploader, add, progress } = createTestUploader()
    const [id = ''] = await add(1)
    let isReadable = true
    function Sent() {
      const { sentBytes } = useUploadSummary()
      if (!isReadable) throw new Error('Cannot be shown.')
      return <output>{sentBytes}</output>
    }
    render(
      <UploaderProvider uploader={uploader}>
        <RealtimeErrorBoundary>
          <Sent />
        </RealtimeErrorBoundary>
      </UploaderProvider>,
    )
    act(() => progress(id, 10))
    isReadable = false
    act(() => progress(id, 20))
    expect(screen.getByRole('alert').textContent).toContain('Cannot be shown.')
    isReadable = true
    act(() => progress(id, 30))
    act(() => screen.getByText('Try again').click())
    expect(screen.getByRole('status').textContent).toBe('30')
    quiet.mockRestore()
  })

  it('has a fallback of its own, and starts over with other keys', () => {
    const quiet = silence()
    isBroken = true
    const page = (key: string) => (
      <RealtimeErrorBoundary resetKeys={[key]}>
        <Live />
      </RealtimeErrorBoundary>
    )
    const { rerender } = render(page('a'))
    expect(screen.getByRole('alert').textContent).toBe('The list cannot be shown.Try again')
    rerender(page('a'))
    expect(screen.getByRole('alert')).toBeTruthy()
    isBroken = false
    rerender(page('b'))
    expect(screen.queryByRole('alert')).toBeNull()
    expect(screen.getByText('Live')).toBeTruthy()
    quiet.mockRestore()
  })
})
