import { storybookTest } from '@storybook/addon-vitest/vitest-plugin'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { chromiumArguments } from './scripts/lib/browsers/chromium-arguments.mjs'
import { findBrowsers } from './scripts/lib/browsers/find.mjs'
import { fromRoot } from './scripts/lib/paths.mjs'

const { chromium } = await findBrowsers()
const executable = chromium === undefined || chromium === 'playwright' ? {} : { executablePath: chromium }

/** Every story is rendered, played and looked at by axe; in the light theme, too, but for those whose colours are in another story. */
export default defineConfig({
  test: {
    projects: ['dark', 'light'].map((theme) => ({
      plugins: [
        storybookTest({
          configDir: fromRoot('.storybook'),
          initialGlobals: { theme },
          ...(theme === 'light' && { tags: { exclude: ['one-theme'] } }),
        }),
      ],
      test: {
        name: theme,
        testTimeout: 30_000,
        browser: {
          enabled: true,
          headless: true,
          screenshotFailures: false,
          viewport: { width: 800, height: 800 },
          // What moves is looked at where it stands.
          provider: playwright({
            launchOptions: { ...executable, args: chromiumArguments() },
            contextOptions: { reducedMotion: 'reduce', locale: 'en-US', timezoneId: 'UTC' },
          }),
          instances: [{ browser: 'chromium' as const }],
        },
      },
    })),
  },
})
