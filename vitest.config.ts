import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = ['@upload-panel/source', 'module', 'development|production']
/** Tests read the packages' TypeScript through the `@upload-panel/source` export condition: no build comes first. */
const resolve = { conditions: [...source, 'browser'] }
const ssr = { resolve: { conditions: [...source, 'node'] } }
const react18 = fileURLToPath(new URL('scripts/react-18/node_modules/', import.meta.url))

export default defineConfig({
  test: {
    // Without it a machine with two cores gets one worker.
    maxWorkers: '100%',
    coverage: { provider: 'v8', include: ['packages/*/src/**'], reporter: ['text-summary', 'lcov'] },
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.{ts,tsx}', 'scripts/**/*.test.mjs'],
          environment: 'node',
          // Far above what any test takes: other gates run beside this one.
          testTimeout: 30_000,
        },
      },
      {
        // The same hooks on the oldest React that they are for.
        resolve: { ...resolve, mainFields: ['module', 'main'], alias: { react: `${react18}react`, 'react-dom': `${react18}react-dom` } },
        ssr,
        test: {
          name: 'react-18',
          include: ['packages/react/src/**/*.test.tsx'],
          environment: 'node',
          testTimeout: 30_000,
          // What is not inlined finds the newest React.
          server: { deps: { inline: [/@testing-library\/react/, /@lit\/react/, /@tanstack\/react-query/] } },
        },
      },
    ],
  },
})
