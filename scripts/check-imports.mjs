import { findCircles } from './lib/imports/circles.mjs'
import { readImportGraph } from './lib/imports/graph.mjs'
import { breaches } from './lib/imports/layers.mjs'
import { PACKAGES, ROOT } from './lib/paths.mjs'
import { runScript } from './lib/stop.mjs'

await runScript(async () => {
  const graph = readImportGraph(
    ROOT,
    PACKAGES.map((name) => `packages/${name}/src`),
  )
  const problems = [...breaches(graph), ...findCircles(graph).map((circle) => `circular import: ${[...circle, circle[0]].join(' → ')}`)]
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) return 1
  console.log(`${graph.size} files import one way.`)
})
