/** What a hook says that finds no provider above it. */
export function missingProvider(what: string, ...providers: readonly string[]): Error {
  const tags = providers.map((provider) => `<${provider}>`)
  return new Error(`There is no ${what} here. Put ${tags.join(' or ')} around the component that uses it.`)
}
