/** Within 0..100, whatever a program computes; what is no number is 0. */
export function percent(value: number): number {
  return Number.isFinite(value) ? Math.min(100, Math.max(0, value)) : 0
}
