/** Priorities as people choose them; the engine takes any number. */
export type Level = 'high' | 'normal' | 'low'

export const LEVELS: readonly Level[] = ['high', 'normal', 'low']

const PRIORITY: Readonly<Record<Level, number>> = { high: 1, normal: 0, low: -1 }

export function levelOf(priority: number): Level {
  if (priority === 0) return 'normal'
  return priority > 0 ? 'high' : 'low'
}

/** The priority that a level stands for: the item's own where it has that level already. */
export function priorityOf(level: Level, current: number): number {
  return levelOf(current) === level ? current : PRIORITY[level]
}
