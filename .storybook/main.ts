import type { StorybookConfig } from '@storybook/web-components-vite'
import { analyzeElements } from '../scripts/lib/elements/analyze.mjs'

/** What the elements say about themselves, as it is now: for the pages of documentation. */
const MANIFEST = 'virtual:custom-elements-manifest'
const manifest = {
  name: 'custom-elements-manifest',
  resolveId: (id: string) => (id === MANIFEST ? `\0${MANIFEST}` : undefined),
  load: (id: string) => (id === `\0${MANIFEST}` ? `export default ${JSON.stringify(analyzeElements())}` : undefined),
}

const config: StorybookConfig = {
  framework: '@storybook/web-components-vite',
  stories: ['../packages/widget/src/**/*.stories.ts'],
  addons: ['@storybook/addon-a11y', '@storybook/addon-docs', '@storybook/addon-vitest'],
  core: { disableTelemetry: true, disableWhatsNewNotifications: true },
  // Stories read the packages' TypeScript: no build comes first.
  viteFinal: (vite) => ({
    ...vite,
    plugins: [...(vite.plugins ?? []), manifest],
    resolve: { ...vite.resolve, conditions: ['@upload-panel/source', 'module', 'browser', 'development|production'] },
  }),
}
export default config
