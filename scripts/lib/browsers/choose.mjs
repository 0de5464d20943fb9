import { ENGINES } from './find.mjs'

/**
 * The engines that a component run uses.
 * @param {import('./find.mjs').Browsers} browsers what the machine has
 * @param {string | undefined} names comma-separated; without it every engine that the machine has
 * @throws when one that is named cannot be had, or none is left
 */
export function chooseEngines(browsers, names) {
  const found = ENGINES.filter((engine) => browsers[engine] !== undefined)
  const wanted = names?.split(',') ?? found
  const missing = wanted.filter((name) => !found.some((engine) => engine === name))
  if (missing.length > 0 || found.length === 0) {
    throw new Error(
      `No ${missing.join(' and no ') || 'browser'} was found: npm test installs what is missing where it can, else it says what to do.`,
    )
  }
  return found.filter((engine) => wanted.includes(engine))
}
