import { readFileSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { chromiumArguments } from '../browsers/chromium-arguments.mjs'
import { findBrowsers } from '../browsers/find.mjs'
import { serveFolder } from './serve-folder.mjs'

/** A story is shown in a window of this size; one tagged `visual-wide` in a wider one. */
const WINDOW = { width: 448, height: 720 }
const WIDE_WINDOW = { width: 960, height: 720 }
/** Measured by the second: a chart has one value more or less when its picture is taken. */
const IN_MOTION = '[part~="chart"]'
/** It is always noon. */
const NOW = '2026-06-15T12:00:00Z'
const THEMES = ['dark', 'light']
/** Letters are drawn alike on every Linux: by outlines alone, without the machine's own hints and subpixels. */
const DRAWING = ['--font-render-hinting=none', '--disable-lcd-text', '--force-color-profile=srgb', '--hide-scrollbars']

/**
 * Pictures of the built stories that are tagged `visual`, in both themes, each when it has been played.
 * @param {string} folder of the built Storybook
 * @returns {AsyncGenerator<{ name: string, png: Buffer }>}
 */
export async function* shootStories(folder) {
  /** @type {{ entries: Record<string, { id: string, tags: string[], type: string }> }} */
  const { entries } = JSON.parse(readFileSync(`${folder}/index.json`, 'utf8'))
  const stories = Object.values(entries).filter(({ type, tags }) => type === 'story' && tags.some((tag) => tag.startsWith('visual')))
  const site = await serveFolder(folder)
  const { chromium: found } = await findBrowsers()
  const browser = await chromium.launch({
    ...(found && found !== 'playwright' && { executablePath: found }),
    args: [...chromiumArguments(), ...DRAWING],
  })
  try {
    const context = await browser.newContext({ locale: 'en-US', timezoneId: 'UTC', reducedMotion: 'reduce', deviceScaleFactor: 1 })
    const page = await context.newPage()
    await page.clock.setFixedTime(NOW)
    for (const { id, tags } of stories) {
      await page.setViewportSize(tags.includes('visual-wide') ? WIDE_WINDOW : WINDOW)
      for (const theme of THEMES) {
        await page.goto(`${site.url}/iframe.html?id=${id}&viewMode=story&globals=theme:${theme};font:same;a11y.manual:!true`)
        await page.waitForSelector('html[data-played], .sb-show-errordisplay', { state: 'attached' })
        const error = page.locator('.sb-show-errordisplay #error-message')
        if ((await error.count()) > 0) throw new Error(`${id} cannot be shown: ${await error.textContent()}`)
        await page.evaluate('document.fonts.ready.then(() => undefined)')
        const mask = page.locator(IN_MOTION)
        yield { name: `${id}.${theme}`, png: await page.screenshot({ animations: 'disabled', caret: 'hide', mask: [mask] }) }
      }
    }
  } finally {
    await browser.close()
    site.close()
  }
}
