import { defineConfig } from 'vitest/config'

const source = ['@upload-panel/source', 'development|production']

/** Tests against real servers, which `scripts/services` starts. */
export default defineConfig({
  resolve: { conditions: [...source, 'module', 'browser'] },
  // Without "module", which would give the packages' builds for bundlers to Node.
  ssr: { resolve: { conditions: [...source, 'node'] } },
  test: {
    include: ['packages/*/src/**/*.service-test.ts', 'scripts/services/*.service-test.ts'],
    globalSetup: ['scripts/services/global-setup.ts'],
    environment: 'node',
    // Without it a machine with two cores gets one worker.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
