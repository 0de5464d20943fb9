import { expect } from 'chai'
import { startTransition, StrictMode, useLayoutEffect, useRef } from 'react'
import { UploaderProvider, useUploadItem, useUploadSummary } from './index.js'
import { mount, unmountAll, until } from './testing/react-page.js'
import { createTestUploader } from './testing/test-uploader.js'

afterEach(unmountAll)

/** As slow as a real row: React yields between two of them, and the store changes meanwhile. */
function slowly(): void {
  const end = performance.now() + 1
  while (performance.now() < end);
}

it('what a transition shows is of one moment in every commit, however often the store changes while it renders', async () => {
  const { uploader, add, progress } = createTestUploader()
  const [id = ''] = await add(1, 1_000_000)
  const commits: (readonly string[])[] = []

  function Row() {
    slowly()
    const item = useUploadItem(id)
    return <li>{item?.phase === 'uploading' ? item.sentBytes : ''}</li>
  }
  function Total() {
    return <li>{useUploadSummary().sentBytes}</li>
  }
  function Page({ rows }: { readonly rows: number }) {
    const list = useRef<HTMLUListElement>(null)
    // A store that has changed is rendered at once, in the middle of a transition as well: each commit is looked at.
    useLayoutEffect(() => {
      const observer = new MutationObserver(() => commits.push(texts()))
      observer.observe(document.body, { subtree: true, childList: true, characterData: true })
      return () => observer.disconnect()
    }, [])
    const texts = () => Array.from(list.current?.children ?? [], ({ textContent }) => textContent ?? '')
    return (
      <ul ref={list}>
        <Total />
        {Array.from({ length: rows }, (_, index) => (
          <Row key={index} />
        ))}
      </ul>
    )
  }

  const page = (rows: number) => (
    <StrictMode>
      <UploaderProvider uploader={uploader}>
        <Page rows={rows} />
      </UploaderProvider>
    </StrictMode>
  )
  const tree = mount(page(0))
  await until(() => uploader.$summary.lc > 0)
  startTransition(() => tree.render(page(60)))
  let sent = 0
  const rows = () => tree.container.querySelectorAll('li').length
  await until(() => {
    sent += 10
    progress(id, sent)
    return rows() === 61
  })
  await until(() => tree.text.endsWith(`${sent}`))
  expect(commits.length).to.be.greaterThan(1)
  for (const texts of commits) expect(new Set(texts).size, texts.join()).to.equal(1)
})
