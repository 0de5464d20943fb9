import { brotliCompressSync } from 'node:zlib'
import { build } from 'esbuild'

/** @typedef {Readonly<Record<string, string>>} Imports what is imported, by the file that it is imported from, such as `{ sse }` */

/**
 * A minifier gives the shortest names to what is named most, of the letters that are there most: whatever is added changes names everywhere, and by
 * chance the compressed file by up to a hundred bytes. Letters of several kinds are several chances, of which the mean is taken.
 */
const LETTERS = ['', 'a', 'q', 'kx', 'JQ']

/**
 * What a page loads more for some imports, beside those that it has already, in bytes: both bundled into one file and minified as a page would do it,
 * and compressed by brotli. What they have in common is counted once, and what is ignored is not counted at all.
 * @param {{ folder: string, had: Imports, added: Imports, ignored?: readonly string[] }} question paths are below the folder
 * @returns {Promise<number>}
 */
export async function addedBytes({ folder, had, added, ignored = [] }) {
  let sum = 0
  for (const letters of LETTERS) {
    const before = await bundledBytes(folder, had, ignored, letters)
    sum += (await bundledBytes(folder, { ...had, ...added }, ignored, letters)) - before
  }
  return Math.round(sum / LETTERS.length)
}

/** @param {string} folder @param {Imports} imports @param {readonly string[]} ignored @param {string} letters */
async function bundledBytes(folder, imports, ignored, letters) {
  const chance = `export const letters = '${letters.repeat(5000)}'`
  const contents = [chance, ...Object.entries(imports).map(([path, names]) => `export ${names} from ${JSON.stringify(path)}`)]
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
