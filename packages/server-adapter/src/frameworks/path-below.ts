/** What of a path, and of the query behind it, comes after a base path: `/events?all=1` of `/uploads/events?all=1`. `undefined` where it is not below. */
export function pathBelow(basePath: string, path: string): string | undefined {
  const rest = path.slice(basePath.length)
  if (!path.startsWith(basePath) || !/^[/?]|^$/.test(rest)) return undefined
  return rest.startsWith('/') ? rest : `/${rest}`
}
