import { defineConfig } from 'vitest/config'
import unit from './vitest.config.ts'

/** Tests against real servers, which `scripts/services` starts. */
export default defineConfig({
  ...unit,
  // Without "module", which would give the packages' builds for bundlers to Node.
  ssr: { resolve: { conditions: ['@upload-panel/source', 'development|production', 'node'] } },
  test: {
    ...unit.test,
    include: ['packages/*/src/**/*.service-test.ts', 'scripts/services/*.service-test.ts'],
    globalSetup: ['scripts/services/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
