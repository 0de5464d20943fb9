/** Ends a script with one sentence for a person instead of a stack trace. */
export class Stop extends Error {
  /** @param {string} sentence what is wrong and what to do next */
  constructor(sentence) {
    super(sentence)
    this.name = 'Stop'
  }
}

/**
 * Runs a script's main function; a {@link Stop} prints its sentence, anything else its stack, and both exit with 1.
 * @param {() => Promise<number | void>} main resolves with the exit code
 */
export async function runScript(main) {
  try {
    process.exitCode = (await main()) ?? 0
  } catch (error) {
    console.error(error instanceof Stop ? error.message : error)
    process.exitCode = 1
  }
}
