/** Something in the command line or the environment that cannot be meant. Its message is a sentence that says what to do. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}
