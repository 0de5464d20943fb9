/**
 * Indexes of a longest rising run of numbers, gaps (`undefined`) and all between left out: what may stay where it is while the rest is moved
 * around it. The number at `fixed` is always part of it. For a few dozen numbers.
 */
export function longestRising(numbers: readonly (number | undefined)[], fixed = -1): ReadonlySet<number> {
  const pivot = numbers[fixed]
  const fits = (number: number, index: number) => pivot === undefined || index === fixed || index < fixed === number < pivot
  /** By index: the length of the longest run that ends there, and the index before it. */
  const runs: { readonly length: number; readonly before: number | undefined }[] = []
  let best: number | undefined
  for (const [index, number] of numbers.entries()) {
    let length = 0
    let before: number | undefined
    if (number !== undefined && fits(number, index)) {
      for (let earlier = 0; earlier < index; earlier += 1) {
        const run = runs[earlier]
        if (!run || run.length <= length || (numbers[earlier] ?? Infinity) >= number) continue
        length = run.length
        before = earlier
      }
      length += 1
    }
    runs.push({ length, before })
    if (length > (best === undefined ? 0 : (runs[best]?.length ?? 0))) best = index
  }
  const rising = new Set<number>()
  for (let index = best; index !== undefined; index = runs[index]?.before) rising.add(index)
  return rising
}
