import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout's root folder. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** What the scripts write between runs: logs, results and stamps. Git ignores it. */
export const CACHE = join(ROOT, '.cache')

/** The published packages, each after those that it depends on. */
export const PACKAGES = /** @type {const} */ (['core', 'widget', 'react', 'server-adapter'])

/** @param {...string} parts below the checkout's root */
export const fromRoot = (...parts) => join(ROOT, ...parts)
