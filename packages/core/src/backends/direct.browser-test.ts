import { expect } from 'chai'
import { createUploader } from '../create-uploader.js'
import type { UploadItem } from '../item/item.js'
import type { UploadBackendFactory } from './backend.js'
import { postForm } from './post-form.js'
import { putTo } from './put-to.js'

const NAME = 'naïve שלום 😀.png'
/** What the test's storage answers to `store`. */
interface Stored {
  readonly method: string
  readonly type: string
  readonly length: number
}

/** Uploads one file as a page does, and writes down the bytes that were told on the way. */
async function upload(backend: UploadBackendFactory, file: File): Promise<{ item: UploadItem | undefined; sent: number[] }> {
  const uploader = createUploader({ backend })
  const sent: number[] = []
  uploader.on('progressed', (item) => sent.push(item.sentBytes))
  const ended = new Promise<readonly UploadItem[]>((resolve) => uploader.on('batch-completed', resolve))
  uploader.add([file])
  const [item] = await ended
  await uploader.dispose()
  return { item, sent }
}

const resultOf = (item: UploadItem | undefined): unknown => (item?.phase === 'completed' ? item.result : item)

describe('without a server of ours', () => {
  const file = new File([new Uint8Array(300_000)], NAME, { type: 'image/png' })

  it('putTo sends every byte to an address of the page’s own function', async () => {
    const asked: unknown[] = []
    const { item, sent } = await upload(
      putTo(({ name, size, type }) => {
        asked.push([name, size, type])
        return { url: '/upload-target/store', result: 'kept' }
      }),
      file,
    )
    expect(resultOf(item)).to.equal('kept')
    expect(asked).to.deep.equal([[NAME, 300_000, 'image/png']])
    expect(sent.at(-1)).to.equal(300_000)
  })

  it('postForm sends fields and file as a form of the browser’s own, and counts no more bytes than the file has', async () => {
    const { item, sent } = await upload(postForm({ url: '/upload-target/store', field: 'avatar', fields: { album: 'été' } }), file)
    const stored = resultOf(item) as Stored
    expect(stored).to.include({ method: 'POST' })
    expect(stored.type).to.match(/^multipart\/form-data; ?boundary=/)
    expect(stored.length).to.be.greaterThan(300_000)
    expect(Math.max(...sent)).to.equal(300_000)
  })

  it('postForm names the file, its field and its type', async () => {
    const { item } = await upload(
      postForm({ url: '/upload-target/echo', field: 'avatar', response: ({ text }) => ({ result: text }) }),
      new File(['<bytes>'], NAME, { type: 'image/png' }),
    )
    const text = String(resultOf(item))
    expect(text).to.include(`name="avatar"; filename="${NAME}"`)
    expect(text).to.match(/content-type: image\/png\r\n\r\n<bytes>\r\n/i)
  })

  it('a page in place of a confirmation fails the file', async () => {
    const { item } = await upload(postForm({ url: '/upload-target/html' }), new File(['x'], 'x'))
    expect(item).to.deep.include({ phase: 'failed' })
    expect(item?.phase === 'failed' && item.error.code).to.equal('bad_answer')
  })
})
