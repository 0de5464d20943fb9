import { moduleName } from './graph.mjs'

/**
 * The circles in a graph of imports, each once, as the files one comes through: `[a, b, c]` for a → b → c → a.
 * @param {import('./graph.mjs').ImportGraph} graph
 * @returns {string[][]}
 */
export function findCircles(graph) {
  const files = new Map([...graph.keys()].map((path) => [moduleName(path), path]))
  /** @type {string[][]} */
  const circles = []
  /** @type {Set<string>} */
  const done = new Set()
  /** @type {string[]} */
  const trail = []

  /** @param {string} path */
  function visit(path) {
    const at = trail.indexOf(path)
    if (at >= 0) circles.push(trail.slice(at))
    if (at >= 0 || done.has(path)) return
    trail.push(path)
    for (const imported of graph.get(path) ?? []) {
      const next = files.get(imported)
      if (next !== undefined) visit(next)
    }
    trail.pop()
    done.add(path)
  }

  for (const path of graph.keys()) visit(path)
  return circles
}
