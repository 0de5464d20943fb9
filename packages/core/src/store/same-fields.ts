/** Whether two records of one shape say the same, so that views of the second stay silent. */
export function hasSameFields<T extends object>(before: T, after: T): boolean {
  return (Object.keys(after) as (keyof T)[]).every((key) => before[key] === after[key])
}
