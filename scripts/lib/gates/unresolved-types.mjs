import { firstOf } from './gate.mjs'

/** What attw says of one entry of a package: its name, an empty line, and a line for each way to resolve it. */
const ENTRY = /^"(.+)"\n\n((?:.+\n)+)/gm
const WELL_OR_IGNORED = /^\(ignored\)|: (?:🟢|\(ignored\))/u

/**
 * The first way in which the types of an entry cannot be resolved, and how many there are.
 * @param {string} output of attw
 * @returns {string | undefined}
 */
export function unresolvedTypes(output) {
  const problems = [...output.matchAll(ENTRY)].flatMap(([, entry = '', ways = '']) =>
    ways
      .trim()
      .split('\n')
      .filter((way) => !WELL_OR_IGNORED.test(way))
      .map((way) => `${entry}, ${way}`),
  )
  return firstOf(/^.+$/gm, 'problems')(problems.join('\n'))
}
