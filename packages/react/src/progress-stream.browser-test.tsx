import { expect } from 'chai'
import { byChance, countingPage } from './testing/progress-stream.js'
import { mount, unmountAll, until } from './testing/react-page.js'
import { createTestUploader } from './testing/test-uploader.js'

afterEach(unmountAll)

it('ten thousand words of progress on a page with a thousand uploads render what has changed, and nothing else', async () => {
  const world = createTestUploader()
  const { page, play } = await countingPage(world)
  const tree = mount(page)
  // React subscribes to all stores after it has painted.
  await until(() => world.listeners() > 0)
  const texts = () => Array.from(tree.container.querySelectorAll('li'), ({ textContent }) => textContent)
  // React renders what a store tells in a microtask of its own.
  const { rendered, expected, shown } = await play(byChance(11), async (change) => {
    change()
    await Promise.resolve()
    await Promise.resolve()
  })
  expect(rendered).to.deep.equal(expected)
  expect(texts().slice(0, shown.length)).to.deep.equal(shown)
})
