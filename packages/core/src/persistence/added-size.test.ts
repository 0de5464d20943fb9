import { brotliCompressSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

const resolveDir = fileURLToPath(new URL('..', import.meta.url))

/** Bytes of a page's script that imports this, minified and compressed with brotli. */
async function sizeOf(contents: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir, loader: 'ts' },
    ...{ bundle: true, minify: true, write: false, format: 'esm', target: 'es2022', conditions: ['@upload-panel/source'] },
  })
  return brotliCompressSync(outputFiles[0]?.contents ?? new Uint8Array()).length
}

test('persistence adds about 4 kB to a page, and nothing to one that does not import it', async () => {
  const engine = "export { createUploader, httpBackend } from './index.js'\n"
  const without = await sizeOf(engine)
  const added = (await sizeOf(`${engine}export { indexedDb } from './persistence/indexed-db.js'`)) - without
  // 4 kB; what else is in the page moves that by a hundred bytes either way.
  expect(added).toBeLessThan(4400)
  expect(added).toBeGreaterThan(3000)
})
