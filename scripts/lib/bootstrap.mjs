import { forwardSignals } from './child.mjs'
import { ensureDependencies } from './dependencies.mjs'
import { Stop } from './stop.mjs'
import { isAtLeast, toolEnvironment, workspaceNode } from './workspace-node.mjs'

/**
 * What every script starts with, on whatever Node a person has: the dependencies are there, and the tools' Node is known.
 * Nothing that is imported before this has run may come from node_modules.
 * @returns {Promise<{ node: string, env: NodeJS.ProcessEnv }>} the Node for tools, and their environment
 */
export async function bootstrap() {
  if (!isAtLeast(process.versions.node, [20])) {
    throw new Stop(`This is Node ${process.versions.node}: install Node 24 (https://nodejs.org); 20 or newer is enough to start.`)
  }
  forwardSignals()
  await ensureDependencies()
  const node = workspaceNode()
  return { node, env: toolEnvironment(node) }
}
