/**
 * What a provider has given.
 *
 * @throws Error that says which providers give it, where none is above.
 */
export function provided<T>(value: T | undefined, what: string, ...providers: readonly string[]): T {
  if (value !== undefined) return value
  const tags = providers.map((provider) => `<${provider}>`)
  throw new Error(`There is no ${what} here. Put ${tags.join(' or ')} around the component that uses it.`)
}
