/** Where an arrow key, Home or End leads in a list, from the place that is current; `undefined` for another key. */
export function placeByKey(key: string, current: number, first: number, last: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return Math.min(current + 1, last)
    case 'ArrowUp':
      return Math.max(current - 1, first)
    case 'Home':
      return first
    case 'End':
      return last
    default:
      return undefined
  }
}
