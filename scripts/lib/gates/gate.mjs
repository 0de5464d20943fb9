/**
 * @typedef {object} Outcome
 * @property {number} passed
 * @property {number} failed
 * @property {string} [reason] one clear sentence or line, when something failed
 * @property {string} [note] what a person should know although nothing failed
 * @property {string} output for the log
 */

/**
 * @typedef {object} Run
 * @property {boolean} isCi
 * @property {(args: readonly string[], options?: { env?: NodeJS.ProcessEnv, timeoutMs?: number }) => Promise<import('../child.mjs').ChildResult>} tool
 *   runs a script by the workspace's Node in the root folder
 * @property {{ node: string, env: NodeJS.ProcessEnv }} tools
 * @property {readonly import('../browsers/find.mjs').Engine[]} engines those that the `browsers` gate found
 */

/**
 * One promise that the project makes about itself, checked by `npm test`.
 * @typedef {object} Gate
 * @property {string} name what `--only` takes
 * @property {readonly string[]} [after] gates that must have ended, however they ended
 * @property {readonly string[]} [needs] gates that must have passed
 * @property {boolean} [isAlone] whether nothing else may run meanwhile: browsers that share two cores with compilers are slow in ways that no user sees
 * @property {(run: Run) => Promise<Outcome>} check
 */

/**
 * A gate that one or more commands decide by their exit codes.
 * @param {Pick<Gate, 'name' | 'after' | 'needs'> & {
 *   commands: readonly (readonly string[])[] | (() => readonly (readonly string[])[]),
 *   reason: (output: string) => string | undefined,
 *   timeoutMs?: number,
 * }} definition `reason` finds the line that says what is wrong
 * @returns {Gate}
 */
export const commandGate = ({ commands, reason, timeoutMs = 120_000, ...gate }) => ({
  ...gate,
  async check({ tool }) {
    const results = []
    for (const args of typeof commands === 'function' ? commands() : commands) results.push(await tool(args, { timeoutMs }))
    const output = results.map((result) => result.output).join('')
    const failed = results.find(({ code }) => code !== 0)
    if (failed === undefined) return { passed: 1, failed: 0, output }
    const why = failed.timedOut ? `did not end within ${timeoutMs / 1000} s` : (reason(failed.output) ?? lastLine(failed.output))
    return { passed: 0, failed: 1, reason: why, output }
  },
})

/** @param {string} output */
const lastLine = (output) => output.trim().split('\n').at(-1)?.trim() || 'it failed without a word'

/**
 * The first line that matches, and how many there are.
 * @param {RegExp} pattern with the g and m flags
 * @param {string} noun for more than one
 * @returns {(output: string) => string | undefined}
 */
export const firstOf = (pattern, noun) => (output) => {
  const lines = [...output.matchAll(pattern)].map((match) => (match[1] ?? match[0]).trim())
  return lines.length > 1 ? `${lines.length} ${noun}, the first: ${lines[0]}` : lines[0]
}
