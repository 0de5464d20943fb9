import { findCircles } from './lib/imports/circles.mjs'
import { readImportGraph } from './lib/imports/graph.mjs'
import { breaches } from './lib/imports/layers.mjs'
import { PACKAGES, ROOT } from './lib/paths.mjs'
import { runScript } from './lib/stop.mjs'

const SOURCES = PACKAGES.map((name) => `packages/${name}/src`)

/** What is not published has no layers; a circle is one wherever it is. */
const HOUSE = [...SOURCES, '.storybook', 'bench', 'e2e', 'examples', 'scripts']

await runScript(async () => {
  const graph = readImportGraph(ROOT, HOUSE)
  const published = new Map([...graph].filter(([path]) => SOURCES.some((folder) => path.startsWith(`${folder}/`))))
  const problems = [...breaches(published), ...findCircles(graph).map((circle) => `circular import: ${[...circle, circle[0]].join(' → ')}`)]
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) return 1
  console.log(`${graph.size} files import one way.`)
})
