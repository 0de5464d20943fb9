import { existsSync, readFileSync } from 'node:fs'
import { expect, type Page } from '@playwright/test'
import { CACHE } from '../../scripts/lib/paths.mjs'

/** The built Storybook. */
export const STORYBOOK = `${CACHE}/storybook`

interface Story {
  readonly id: string
  readonly title: string
  readonly type: string
}

/** The stories of each file of stories, by its title. */
export function storiesByTitle(): ReadonlyMap<string, readonly string[]> {
  const index = `${STORYBOOK}/index.json`
  if (!existsSync(index)) throw new Error('Storybook is not built: npm run build:storybook')
  const { entries } = JSON.parse(readFileSync(index, 'utf8')) as { readonly entries: Readonly<Record<string, Story>> }
  const byTitle = new Map<string, string[]>()
  for (const { id, title, type } of Object.values(entries)) {
    if (type === 'story') byTitle.set(title, [...(byTitle.get(title) ?? []), id])
  }
  return byTitle
}

/** Opens a story, and waits until it has been played. */
export async function openStory(page: Page, site: string, id: string): Promise<void> {
  await page.goto(`${site}/iframe.html?id=${id}&viewMode=story&globals=font:same;a11y.manual:!true`)
  await page.waitForSelector('html[data-played], .sb-show-errordisplay', { state: 'attached' })
  await expect(page.locator('.sb-show-errordisplay'), `${id} is shown`).toHaveCount(0)
  await page.evaluate('document.fonts.ready.then(() => undefined)')
}

/** The page is in another language now, and all elements in it. */
export async function translate(page: Page, lang: string, dir: 'ltr' | 'rtl'): Promise<void> {
  await page.evaluate(([language, direction]) => Object.assign(document.documentElement, { lang: language, dir: direction }), [lang, dir])
  await page.waitForFunction((language) => window.probe.languages().every((each) => each === language), lang)
}
