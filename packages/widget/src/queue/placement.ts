import type { IdList } from '../shared/id-list.js'

/** The files that a moved one shall stand between; absent at the ends. */
export interface Neighbours {
  readonly previous: string | undefined
  readonly next: string | undefined
}

/** Those that still wait around a place. `rows` are as they were when the move began, since then some may have begun, ended or left. */
export function neighboursAt(rows: IdList, from: number, to: number, isWaiting: (id: string) => boolean): Neighbours {
  const others = (place: number) => rows.at(place < from ? place : place + 1)
  let next = to
  while (next < rows.length - 1 && !isWaiting(others(next) ?? '')) next += 1
  let previous = to - 1
  while (previous >= 0 && !isWaiting(others(previous) ?? '')) previous -= 1
  return { previous: previous < 0 ? undefined : others(previous), next: next >= rows.length - 1 ? undefined : others(next) }
}

/** What the engine is asked for. */
export interface Placement {
  /** For `Uploader.move`. */
  readonly index: number
  /** For `Uploader.setPriority`. */
  readonly priority: number
}

/**
 * How a file comes to stand between two others. The engine goes by priority first, so where the neighbours have others the file's own
 * changes as little as its new place asks for.
 */
export function placeBetween(
  id: string,
  { previous, next }: Neighbours,
  ids: readonly string[],
  priorityOf: (id: string) => number,
): Placement {
  const from = ids.indexOf(id)
  const highest = previous === undefined ? Infinity : priorityOf(previous)
  const lowest = next === undefined ? -Infinity : priorityOf(next)
  const priority = Math.min(highest, Math.max(lowest, priorityOf(id)))
  // Before the next one, or, where that one is of another priority, after the last one of its own.
  const anchor = next !== undefined && priority === lowest ? ids.indexOf(next) : previous === undefined ? from : ids.indexOf(previous) + 1
  return { index: anchor > from ? anchor - 1 : anchor, priority }
}
