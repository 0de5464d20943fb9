import { fileURLToPath } from 'node:url'

/** @type {import('next').NextConfig} */
export default {
  // The packages of this repository lie beside the example; an app of its own needs none of this.
  turbopack: { root: fileURLToPath(new URL('../..', import.meta.url)) },
  agentRules: false,
}
