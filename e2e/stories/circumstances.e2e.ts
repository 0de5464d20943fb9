import { expect, test as base } from '@playwright/test'
import { serveFolder } from '../../scripts/lib/visual/serve-folder.mjs'
import { installProbe, type Probe } from './probe.js'
import { openStory, storiesByTitle, STORYBOOK, translate } from './stories.js'

const test = base.extend<object, { site: string }>({
  site: [
    async ({}, use) => {
      const { url, close } = await serveFolder(STORYBOOK)
      await use(url)
      close()
    },
    { scope: 'worker' },
  ],
})

/** The narrowest that WCAG asks for (1.4.10): a window of 1280 pixels, magnified four times. */
const PHONE = { width: 320, height: 640 }
const DESK = { width: 448, height: 720 }
/** Long words, and another direction. */
const LANGUAGES = [
  ['de', 'ltr'],
  ['ar', 'rtl'],
] as const
/** A folder for pictures of all of it, to be looked at. */
const { PICTURES } = process.env
const IN_FORCED_COLOURS = ['collisions', 'faint'] as const

// Of so many pages in a row a trace takes longer than they do.
test.use({ trace: 'off', viewport: PHONE, contextOptions: { reducedMotion: 'reduce' } })

for (const [title, stories] of storiesByTitle()) {
  test(`${title}: each story takes a finger and is whole at 320 px, stands still where that is wanted, and is seen in forced colours`, async ({
    page,
    site,
  }) => {
    // A second or two each, where other work goes on.
    test.setTimeout(20_000 + stories.length * 10_000)
    const browser = await page.context().newCDPSession(page)
    await page.addInitScript(installProbe)
    const faults: Record<string, readonly string[]> = {}
    const take = async (name: string) => {
      if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png` })
    }
    for (const id of stories) {
      const look = async (where: string, questions: readonly (keyof Probe)[]) => {
        const found = await page.evaluate((asked) => asked.flatMap((question) => window.probe[question]()), questions)
        if (found.length > 0) faults[`${id}, ${where}`] = [...new Set(found)]
      }
      const lookInForcedColours = async (where: string) => {
        for (const colorScheme of ['dark', 'light'] as const) {
          await page.emulateMedia({ forcedColors: 'active', colorScheme })
          await look(`${where}, forced colours, ${colorScheme}`, IN_FORCED_COLOURS)
          await take(`${id}.${where}.${colorScheme}`)
        }
        await page.emulateMedia({ forcedColors: 'none', colorScheme: null })
      }

      await page.setViewportSize(PHONE)
      await browser.send('Emulation.setTouchEmulationEnabled', { enabled: true })
      await openStory(page, site, id)
      // On a phone a floating panel begins as a button: what is to be seen is its sheet.
      if (!id.includes('collapsed')) await page.evaluate(() => document.querySelector('upload-panel')?.removeAttribute('collapsed'))
      await look('phone', ['cutOff', 'movements'])
      await lookInForcedColours('phone')
      if (!title.endsWith('Languages')) {
        for (const [lang, dir] of LANGUAGES) {
          await translate(page, lang, dir)
          await look(`phone, ${lang}`, ['cutOff'])
          await take(`${id}.${lang}`)
        }
      }
      // The last: it scrolls.
      await look('phone', ['smallTargets'])
      if (!title.endsWith('Languages')) await translate(page, 'en', 'ltr')
      await browser.send('Emulation.setTouchEmulationEnabled', { enabled: false })
      await page.setViewportSize(DESK)
      await lookInForcedColours('desk')
    }
    expect(faults).toEqual({})
  })
}
