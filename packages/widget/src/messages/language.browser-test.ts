import { expect } from 'chai'
import { html, LitElement } from 'lit'
import { manualTimer } from '../testing/manual-timer.js'
import { mountPanel, unmountAll } from '../testing/panel-harness.js'
import { createMessages } from './create-messages.js'
import { ar } from './ar.js'
import { de } from './de.js'
import { fr } from './fr.js'
import { createLanguageLoader } from './language-loader.js'
import type { Catalogue, OwnMessages } from './messages.js'
import { messagesController } from './messages-controller.js'

/** Languages that arrive when the test says so. */
const arrivals = new Map<string, { resolve(catalogue: Catalogue): void; reject(error: unknown): void }>()
const asked: string[] = []
const timer = manualTimer()
let loader = createLanguageLoader({})

function renewLoader(): void {
  const loads = ['de', 'fr', 'ar'].map((language) => {
    const load = () => {
      asked.push(language)
      return new Promise<Catalogue>((resolve, reject) => arrivals.set(language, { resolve, reject }))
    }
    return [language, load] as const
  })
  loader = createLanguageLoader(Object.fromEntries(loads))
  arrivals.clear()
  asked.length = 0
}

class WordyElement extends LitElement {
  static override readonly properties = { messages: { attribute: false } }
  declare messages: OwnMessages | undefined
  readonly #messages = messagesController(this, { loader, setTimer: timer.setTimer })

  protected override render() {
    return html`${this.#messages.current.action.retry}`
  }
}
customElements.define('wordy-element', WordyElement)

const mounted: Element[] = []

async function mount(markup: string): Promise<WordyElement> {
  const root = document.createElement('div')
  root.innerHTML = markup
  document.body.append(root)
  mounted.push(root)
  const element = root.querySelector<WordyElement>('wordy-element')
  if (!element) throw new Error('The markup has no element.')
  await element.updateComplete
  return element
}

const word = (element: WordyElement) => element.shadowRoot?.textContent?.trim()

/** Lets what was loaded, and what observers have to tell, reach the element. */
async function settle(element: LitElement): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve))
  await element.updateComplete
}

async function arrive(element: LitElement, language: string, catalogue: Catalogue): Promise<void> {
  arrivals.get(language)?.resolve(catalogue)
  await settle(element)
}

beforeEach(renewLoader)
afterEach(() => {
  unmountAll()
  for (const element of mounted.splice(0)) element.remove()
  document.documentElement.removeAttribute('lang')
  document.documentElement.removeAttribute('dir')
})

describe('the language of an element', () => {
  it('is English where nobody says one, and nothing is loaded', async () => {
    expect(word(await mount('<wordy-element></wordy-element>'))).to.equal('Retry')
    expect(asked).to.deep.equal([])
  })

  it('is that of its own lang, before that of an ancestor', async () => {
    const element = await mount('<p lang="fr"><wordy-element lang="de-AT"></wordy-element></p>')
    expect(asked).to.deep.equal(['de'])
    expect(word(element)).to.equal('Retry')
    await arrive(element, 'de', de)
    expect(word(element)).to.equal('Erneut versuchen')
  })

  it('is that of the nearest ancestor, out of every shadow tree', async () => {
    const outer = document.createElement('div')
    outer.lang = 'fr'
    document.body.append(outer)
    mounted.push(outer)
    const inner = document.createElement('div')
    outer.attachShadow({ mode: 'closed' }).append(inner)
    const element = document.createElement('wordy-element') as WordyElement
    inner.attachShadow({ mode: 'open' }).append(element)
    await settle(element)
    await arrive(element, 'fr', fr)
    expect(word(element)).to.equal('Réessayer')
  })

  it('follows its own lang, an ancestor’s, and the document’s', async () => {
    document.documentElement.lang = 'de'
    const element = await mount('<p><wordy-element></wordy-element></p>')
    await arrive(element, 'de', de)
    expect(word(element)).to.equal('Erneut versuchen')
    element.parentElement?.setAttribute('lang', 'fr')
    await settle(element)
    await arrive(element, 'fr', fr)
    expect(word(element)).to.equal('Réessayer')
    element.lang = 'de'
    await settle(element)
    expect(word(element)).to.equal('Erneut versuchen')
    element.removeAttribute('lang')
    element.parentElement?.removeAttribute('lang')
    document.documentElement.lang = 'en'
    await settle(element)
    expect(word(element)).to.equal('Retry')
  })

  it('is that of the place to which the element was moved', async () => {
    const element = await mount('<p lang="de"><wordy-element></wordy-element></p><p id="there" lang="fr"></p>')
    await arrive(element, 'de', de)
    document.querySelector('#there')?.append(element)
    await settle(element)
    await arrive(element, 'fr', fr)
    expect(word(element)).to.equal('Réessayer')
  })

  it('stays what it was while another one is on its way', async () => {
    const element = await mount('<wordy-element lang="de"></wordy-element>')
    await arrive(element, 'de', de)
    element.lang = 'fr'
    await settle(element)
    expect(word(element)).to.equal('Erneut versuchen')
  })

  it('is not overtaken by an older one that arrives late', async () => {
    const element = await mount('<wordy-element lang="de"></wordy-element>')
    element.lang = 'fr'
    await settle(element)
    await arrive(element, 'fr', fr)
    await arrive(element, 'de', de)
    expect(word(element)).to.equal('Réessayer')
  })

  it('that cannot be had is English, and is asked for again later', async () => {
    const element = await mount('<wordy-element lang="de"></wordy-element>')
    arrivals.get('de')?.reject(new TypeError('Failed to fetch'))
    await settle(element)
    expect(word(element)).to.equal('Retry')
    expect(asked).to.deep.equal(['de'])
    timer.advance(30_000)
    expect(asked).to.deep.equal(['de', 'de'])
    await arrive(element, 'de', de)
    expect(word(element)).to.equal('Erneut versuchen')
  })

  it('of a malformed or unknown tag is English, without a word', async () => {
    const element = await mount('<wordy-element lang="de--de"></wordy-element>')
    element.lang = '💥'
    await settle(element)
    element.lang = 'nl'
    await settle(element)
    expect(word(element)).to.equal('Retry')
    expect(asked).to.deep.equal([])
  })

  it('is not loaded for whoever has all words of their own', async () => {
    const element = document.createElement('wordy-element') as WordyElement
    element.messages = createMessages('fr', fr)
    element.lang = 'de'
    document.body.append(element)
    mounted.push(element)
    await settle(element)
    expect(word(element)).to.equal('Réessayer')
    expect(asked).to.deep.equal([])
    element.messages = { action: { pause: 'Halt' } }
    await settle(element)
    expect(asked).to.deep.equal(['de'])
  })
})

describe('the direction of an element', () => {
  const directionOf = (element: Element) => getComputedStyle(element).direction

  it('is that of its words where only a language is said', async () => {
    const element = await mount('<wordy-element lang="ar"></wordy-element>')
    expect(directionOf(element)).to.equal('ltr')
    await arrive(element, 'ar', ar)
    expect(directionOf(element)).to.equal('rtl')
    expect(element.matches(':dir(rtl)')).to.equal(true)
    element.lang = 'en'
    await settle(element)
    expect(element.hasAttribute('dir')).to.equal(false)
  })

  it('is set nowhere in a page that has said it with its language', async () => {
    document.documentElement.lang = 'ar'
    document.documentElement.dir = 'rtl'
    const element = await mount('<wordy-element></wordy-element>')
    await arrive(element, 'ar', ar)
    expect(directionOf(element)).to.equal('rtl')
    expect(element.hasAttribute('dir')).to.equal(false)
  })

  it('is from left to right for an English one in a page from right to left', async () => {
    document.documentElement.lang = 'ar'
    document.documentElement.dir = 'rtl'
    expect(directionOf(await mount('<wordy-element lang="en"></wordy-element>'))).to.equal('ltr')
  })

  it('is the page’s own where the page has set one on the element', async () => {
    const element = await mount('<wordy-element lang="ar" dir="ltr"></wordy-element>')
    await arrive(element, 'ar', ar)
    expect(element.dir).to.equal('ltr')
  })
})

describe('a panel', () => {
  it('speaks the language of the page, in whole and in its figures', async () => {
    const harness = await mountPanel({ attributes: { lang: 'de' } })
    await new Promise((resolve) => setTimeout(resolve, 0))
    for (let waited = 0; harness.title !== 'Uploads' || !harness.hasButton('Dateien auswählen'); waited += 1) {
      if (waited > 200) throw new Error('German does not arrive.')
      await harness.settle()
    }
    const [id = ''] = await harness.add('bild.jpg')
    await harness.set(id, { phase: 'uploading', sentBytes: 3 })
    expect(harness.title).to.match(/^1 wird hochgeladen \(\d+\s%\)$/)
    expect(harness.row('bild.jpg').badge).to.equal('Wird hochgeladen')
    expect(harness.root.querySelector('[role=status]')?.getAttribute('lang')).to.equal('de')
    harness.panel.lang = 'en'
    await harness.settle()
    expect(harness.row('bild.jpg').badge).to.equal('Uploading')
  })
})
