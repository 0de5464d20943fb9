import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Makes one file of a program of this folder and all that it imports: plain Node runs no TypeScript whose imports say `.js`. */
export async function compile(program: string, directory: string): Promise<string> {
  const outfile = join(directory, `${basename(program, '.ts')}.mjs`)
  await build({
    entryPoints: [fileURLToPath(new URL(program, import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'es2022',
    conditions: ['@upload-panel/source'],
    // Packages of CommonJS ask for Node's own modules by `require`.
    banner: { js: "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)" },
    logLevel: 'error',
  })
  return outfile
}
