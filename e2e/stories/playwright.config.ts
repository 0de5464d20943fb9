import { defineConfig } from '@playwright/test'
import base from '../playwright.config.js'

/** Every story of the built Storybook, in the circumstances that people have it in. It needs none of the servers, nor the built packages. */
export default defineConfig(base, { testIgnore: [], outputDir: '../../.cache/circumstances' })
