import { createUploader, httpBackend, putTo, type Uploader, type UploaderOptions, type UploadItem } from '@upload-panel/core'
import { sse } from '@upload-panel/core/sse'
import { statusRoutes } from '@upload-panel/core/status'
import { expect } from 'chai'
import { lazy, StrictMode, Suspense } from 'react'
import { SyncStatusProvider, UploaderProvider, useSyncStatus, useUploader, useUploadIds, useUploadItem, useUploadSummary } from './index.js'
import { mount, unmountAll, until, watchListeners } from './testing/react-page.js'

/** Of the real server adapter. */
const SERVER = '/real-uploads'

const undo: (() => unknown)[] = []
afterEach(async () => {
  unmountAll()
  for (const step of undo.splice(0)) await step()
})

/** The browser's own `fetch`, and the event streams that it holds open. */
function countedFetch() {
  const state = { streams: 0, most: 0 }
  const counted: typeof fetch = async (input, init) => {
    const response = await fetch(input, init)
    if (response.headers.get('content-type')?.startsWith('text/event-stream') && !init?.signal?.aborted) {
      state.streams += 1
      state.most = Math.max(state.most, state.streams)
      init?.signal?.addEventListener('abort', () => (state.streams -= 1))
    }
    return response
  }
  return Object.assign(state, { environment: { fetch: counted } })
}

/** Storage that answers when the test says so. */
function heldStorage() {
  const id = crypto.randomUUID()
  return {
    backend: putTo(() => ({ url: `/upload-target/held/${id}` })),
    arrived: async () => (await fetch(`/upload-target/arrived/${id}`)).text(),
    release: () => fetch(`/upload-target/release/${id}`),
  }
}

/** An uploader of the app's own, which knows how many listeners its stores have, those of single items included. */
function given(options: UploaderOptions): Uploader & { subscriptions(): number } {
  const uploader = createUploader(options)
  undo.push(() => uploader.dispose())
  const { $ids, $items, $summary, $connection } = uploader
  const stores: { readonly lc: number }[] = [$ids, $items, $summary, $connection]
  return {
    ...uploader,
    $item(id) {
      const $item = uploader.$item(id)
      stores.push($item)
      return $item
    },
    subscriptions: () => stores.reduce((sum, { lc }) => sum + lc, 0),
  }
}

const nextCompleted = (uploader: Uploader) => new Promise<UploadItem>((resolve) => uploader.on('completed', resolve))

/** What a page has that shows its uploads, and the uploader that it uses. */
const used = new Set<Uploader>()
beforeEach(() => used.clear())
function Uploads() {
  used.add(useUploader())
  const { completed, total } = useUploadSummary()
  return (
    <>
      <p>{`${completed} of ${total}`}</p>
      <ul>
        {useUploadIds().map((id) => (
          <Row key={id} id={id} />
        ))}
      </ul>
    </>
  )
}
function Row({ id }: { readonly id: string }) {
  const item = useUploadItem(id)
  return <li>{`${item?.name}: ${item?.phase}`}</li>
}

const file = (name: string, bytes = 7) => new File([new Uint8Array(bytes)], name)

describe('in a real page', () => {
  it('under StrictMode one uploader lives, uploads to the real server over one event stream, and leaves nothing', async () => {
    const listeners = watchListeners()
    undo.push(listeners.stop)
    // React keeps listeners of its own for ever.
    mount(null)
    const before = listeners.open()
    const network = countedFetch()
    const tree = mount(
      <StrictMode>
        <UploaderProvider
          options={{ backend: httpBackend({ url: SERVER }), realtime: sse({ url: `${SERVER}/events` }), environment: network.environment }}
        >
          <Uploads />
        </UploaderProvider>
      </StrictMode>,
    )
    await until(() => tree.text === '0 of 0')
    expect(used.size).to.equal(1)
    const [uploader] = used
    uploader?.add([file('strict.bin', 300_000)])
    await until(() => tree.text === '1 of 1strict.bin: completed')
    expect([used.size, network.most]).to.deep.equal([1, 1])

    tree.unmount()
    await until(() => network.streams === 0)
    await until(() => listeners.open().length === before.length)
    expect(listeners.open()).to.deep.equal(before)
  })

  it('a status of the real server has one event stream for all who ask, and none once they are gone', async () => {
    const network = countedFetch()
    // The server is every browser's that runs these tests just now, and tells all of them of all files.
    const name = `${crypto.randomUUID()}.bin`
    function Status() {
      const { isConnected, operations } = useSyncStatus()
      return <p>{`${isConnected} ${operations.some(({ file: about }) => about?.name === name)} `}</p>
    }
    const tree = mount(
      <StrictMode>
        <SyncStatusProvider
          options={{
            realtime: sse({ url: `${SERVER}/events` }),
            backend: statusRoutes({ url: SERVER }),
            environment: network.environment,
          }}
        >
          <Status />
          <Status />
        </SyncStatusProvider>
      </StrictMode>,
    )
    await until(() => tree.text === 'true false true false ')
    given({ backend: httpBackend({ url: SERVER }) }).add([file(name)])
    await until(() => tree.text === 'true true true true ')
    expect(network.most).to.equal(1)
    tree.unmount()
    await until(() => network.streams === 0)
  })

  it('an upload goes on when what shows it is unmounted in the middle of it; its listeners do not', async () => {
    const listeners = watchListeners()
    undo.push(listeners.stop)
    const storage = heldStorage()
    const uploader = given({ backend: storage.backend })
    mount(null)
    uploader.add([file('held.bin', 200_000)])
    const before = listeners.open()
    const tree = mount(
      <UploaderProvider uploader={uploader}>
        <Uploads />
      </UploaderProvider>,
    )
    await until(() => tree.text === '0 of 1held.bin: uploading')
    // To ids, totals and the item; React subscribes after it has painted.
    await until(() => uploader.subscriptions() === 3)

    tree.unmount()
    expect(uploader.subscriptions()).to.equal(0)
    expect(await storage.arrived()).to.equal('arrived')
    expect(uploader.items()).to.have.nested.property('[0].phase', 'uploading')
    const completed = nextCompleted(uploader)
    await storage.release()
    expect((await completed).name).to.equal('held.bin')
    expect(listeners.open()).to.deep.equal(before)
  })

  it('an upload of an uploader that the provider owns ends with it', async () => {
    const id = crypto.randomUUID()
    const tree = mount(
      <StrictMode>
        <UploaderProvider options={{ backend: putTo(() => `/upload-target/silent/${id}`) }}>
          <Uploads />
        </UploaderProvider>
      </StrictMode>,
    )
    await until(() => used.size === 1)
    const [uploader] = used
    uploader?.add([file('silent.bin')])
    await until(() => uploader?.$summary.get().sentBytes === 7)
    tree.unmount()
    expect(await (await fetch(`/upload-target/closed/${id}`)).text()).to.equal('closed')
  })

  it('an uploader in the place of another is shown at once, and nothing listens to the other, which goes on', async () => {
    const storage = heldStorage()
    const [first, second] = [given({ backend: storage.backend }), given({ backend: putTo(() => '/upload-target/store'), autoStart: false })]
    first.add([file('first.bin')])
    second.add([file('second.bin'), file('third.bin')])
    const page = (uploader: Uploader) => (
      <StrictMode>
        <UploaderProvider uploader={uploader}>
          <Uploads />
        </UploaderProvider>
      </StrictMode>
    )
    const tree = mount(page(first))
    await until(() => tree.text === '0 of 1first.bin: uploading')
    await until(() => first.subscriptions() === 3)

    tree.render(page(second))
    await until(() => tree.text === '0 of 2second.bin: queuedthird.bin: queued')
    await until(() => second.subscriptions() === 4)
    expect(first.subscriptions()).to.equal(0)
    const completed = nextCompleted(first)
    await storage.release()
    await completed
    expect(tree.text).to.equal('0 of 2second.bin: queuedthird.bin: queued')
  })

  it('with another key a provider begins anew, and ends what it had', async () => {
    const ids = [crypto.randomUUID(), crypto.randomUUID()]
    const page = (id: string) => (
      <UploaderProvider key={id} options={{ backend: putTo(() => `/upload-target/silent/${id}`) }}>
        <Uploads />
      </UploaderProvider>
    )
    const [first = '', second = ''] = ids
    const tree = mount(page(first))
    await until(() => used.size === 1)
    const [before] = used
    before?.add([file('old.bin')])
    await until(() => before?.$summary.get().sentBytes === 7)
    tree.render(page(second))
    await until(() => used.size === 2)
    await until(() => tree.text === '0 of 0')
    expect([used.size, await (await fetch(`/upload-target/closed/${first}`)).text()]).to.deep.equal([2, 'closed'])
  })

  it('what waits for something else comes back with all that has happened meanwhile', async () => {
    const uploader = given({ backend: putTo(() => '/upload-target/store'), autoStart: false })
    let load = (_module: { default: () => null }): void => {}
    const Late = lazy(() => new Promise<{ default: () => null }>((resolve) => (load = resolve)))
    const page = (isLate: boolean) => (
      <UploaderProvider uploader={uploader}>
        <Suspense fallback="waiting">
          <Uploads />
          {isLate && <Late />}
        </Suspense>
      </UploaderProvider>
    )
    const tree = mount(page(false))
    await until(() => tree.text === '0 of 0')
    tree.render(page(true))
    // What was there is hidden, not gone.
    await until(() => tree.text === '0 of 0waiting')
    uploader.add([file('meanwhile.txt')])
    load({ default: () => null })
    await until(() => tree.text === '0 of 1meanwhile.txt: queued')
    tree.unmount()
    expect(uploader.subscriptions()).to.equal(0)
  })
})
