/** What a hook says that finds no provider above it. */
export function missingProvider(what: string, ...providers: readonly string[]): Error {
  return new Error(`There is no ${what} here. Put ${providers.join(' or ')} around the component that uses it.`)
}
