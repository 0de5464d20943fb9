/** Compares as people count: "file 2" before "file 10". Made at the first use: it is not cheap. */
let collator: Intl.Collator | undefined

/**
 * Puts what came out of folders into natural order, folder by folder, for browsers hand over what is in a folder in any order.
 * What has no path keeps its place. Does nothing, quickly, where the order is right.
 */
export function inFolderOrder<T extends { readonly relativePath?: string | undefined }>(entries: readonly T[]): readonly T[] {
  const fromFolders = entries.filter(hasPath)
  if (isSorted(fromFolders)) return entries
  const sorted = fromFolders.sort(byPath)[Symbol.iterator]()
  return entries.map((entry) => (hasPath(entry) ? (sorted.next().value as T) : entry))
}

function hasPath({ relativePath }: { readonly relativePath?: string | undefined }): boolean {
  return relativePath !== undefined && relativePath !== ''
}

function isSorted(entries: readonly { readonly relativePath?: string | undefined }[]): boolean {
  return entries.every((entry, index) => index === 0 || byPath(entries[index - 1] ?? entry, entry) <= 0)
}

function byPath(a: { readonly relativePath?: string | undefined }, b: { readonly relativePath?: string | undefined }): number {
  const left = (a.relativePath ?? '').split('/')
  const right = (b.relativePath ?? '').split('/')
  collator ??= new Intl.Collator(undefined, { numeric: true })
  for (let depth = 0; depth < Math.min(left.length, right.length); depth += 1) {
    const name = left[depth] as string
    const other = right[depth] as string
    if (name === other) continue
    // The files of a folder come before its folders, so that what belongs together is not torn apart.
    const isFile = depth === left.length - 1
    if (isFile !== (depth === right.length - 1)) return isFile ? -1 : 1
    // Where people see no difference there still is one.
    return collator.compare(name, other) || (name < other ? -1 : 1)
  }
  return left.length - right.length
}
