import { join, parse } from 'node:path'
import { build } from 'esbuild'

/** Makes one file of a program and all that it imports: plain Node runs no TypeScript whose imports say `.js`. Answers its path. */
export async function compile(source: string, directory: string): Promise<string> {
  const outfile = join(directory, `${parse(source).name}.mjs`)
  await build({
    entryPoints: [source],
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
