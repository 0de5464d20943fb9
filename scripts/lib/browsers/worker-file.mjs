import { build } from 'esbuild'
import { fromRoot } from '../paths.mjs'

/** @typedef {NonNullable<import('@web/test-runner').TestRunnerConfig['middleware']>[number]} Middleware */

const FILE = '/packages/core/src/http/transfer-worker'

/**
 * The Worker's file, which component tests find beside its sources as people find it in the package: one file that imports nothing.
 * @returns {Middleware}
 */
export function workerFile() {
  /** @type {Promise<string> | undefined} */
  let code
  return async (context, next) => {
    if (context.path !== `${FILE}.js`) return next()
    code ??= bundle()
    context.type = 'text/javascript'
    context.body = await code
  }
}

async function bundle() {
  const { outputFiles } = await build({
    entryPoints: [fromRoot(`${FILE}.ts`)],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}
