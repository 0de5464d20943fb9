import { defineConfig } from 'vitest/config'

const source = ['@upload-panel/source', 'module', 'development|production']

export default defineConfig({
  resolve: { conditions: [...source, 'browser'] },
  // Tests read the packages' TypeScript through the `@upload-panel/source` export condition: no build comes first.
  ssr: { resolve: { conditions: [...source, 'node'] } },
  test: {
    include: ['packages/*/src/**/*.test.{ts,tsx}', 'scripts/**/*.test.mjs'],
    environment: 'node',
    // Without it a machine with two cores gets one worker.
    maxWorkers: '100%',
    // Far above what any test takes: other gates run beside this one.
    testTimeout: 30_000,
    coverage: { provider: 'v8', include: ['packages/*/src/**'], reporter: ['text-summary', 'lcov'] },
  },
})
