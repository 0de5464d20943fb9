import { brotliCompressSync } from 'node:zlib'
import { build } from 'esbuild'

/** @typedef {Readonly<Record<string, string>>} Imports what is imported, by the file that it is imported from, such as `{ sse }` */

/**
 * What a page loads more for some imports, beside those that it has already, in bytes: both bundled into one file and minified as a page would do it,
 * and compressed by brotli. What they have in common is counted once, and what is ignored is not counted at all.
 * @param {{ folder: string, had: Imports, added: Imports, ignored?: readonly string[] }} question paths are below the folder
 * @returns {Promise<number>}
 */
export async function addedBytes({ folder, had, added, ignored = [] }) {
  const [before, after] = await Promise.all([bundledBytes(folder, had, ignored), bundledBytes(folder, { ...had, ...added }, ignored)])
  return after - before
}

/** @param {string} folder @param {Imports} imports @param {readonly string[]} ignored */
async function bundledBytes(folder, imports, ignored) {
  const contents = Object.entries(imports).map(([path, names]) => `export ${names} from ${JSON.stringify(path)}`)
  const { outputFiles } = await build({
    stdin: { contents: contents.join('\n'), resolveDir: folder },
    absWorkingDir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    external: [...ignored],
    write: false,
    logLevel: 'silent',
  })
  return brotliCompressSync(outputFiles[0]?.contents ?? '').length
}
