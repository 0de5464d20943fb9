import { openEngine } from './engine/engine-page.js'
import { test } from './engine/test.js'
import { writeTestFile } from './support/files.js'
import { expect } from './support/test.js'
import type { SeenRequest } from './engine/server.js'

const isBytes = ({ method }: SeenRequest) => method === 'PUT'

async function writeFiles(directory: string, count: number): Promise<readonly string[]> {
  const paths = []
  for (let index = 0; index < count; index += 1) paths.push((await writeTestFile(directory, `${index}.bin`, 1000, index)).path)
  return paths
}

test.describe('over HTTP/2', () => {
  test.use({ protocol: 'h2' })

  for (const worker of ['auto', false] as const) {
    test(`a hundred files are at the server at once, ${worker === 'auto' ? 'sent by the Worker' : 'sent by the main thread'}`, async ({
      page,
      server,
      directory,
    }) => {
      const engine = await openEngine(page, server.url, { worker })
      await engine.choose(await writeFiles(directory, 1))
      await engine.expectAllCompleted(1)

      const release = server.hold(isBytes)
      await engine.choose(await writeFiles(directory, 130))
      await expect.poll(() => server.requests.filter((request) => isBytes(request) && !request.isAnswered).length).toBe(100)
      expect(await engine.phases()).toEqual({ completed: 1, uploading: 100, ready: 30 })
      expect(page.workers()).toHaveLength(worker === 'auto' ? 1 : 0)
      release()
      await engine.expectAllCompleted(131)
    })
  }
})

test('over HTTP/1.1 files say that they are uploading when their bytes are, and those that wait for a connection say so', async ({
  page,
  server,
  directory,
}) => {
  const engine = await openEngine(page, server.url)
  const release = server.hold(isBytes)
  await engine.choose(await writeFiles(directory, 130))
  // Of the six connections that a browser opens, calls and events keep two.
  await expect.poll(() => server.requests.filter(isBytes).length).toBe(4)
  await expect.poll(engine.phases).toEqual({ uploading: 4, ready: 126 })
  release()
  await engine.expectAllCompleted(130)
})
