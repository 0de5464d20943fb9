import type { ReactiveControllerHost } from 'lit'
import { directionOf } from '../text/direction.js'
import { pageTimer, type SetTimer } from '../text/voice.js'
import { english } from './english.js'
import { type LanguageContext, readLanguageContext, selfAndAncestors } from './language-context.js'
import { createLanguageLoader, type LanguageLoader } from './language-loader.js'
import { type LanguageMatch, matchLanguage } from './match-language.js'
import type { Messages, OwnMessages } from './messages.js'
import { isWhole, withOwnMessages } from './own-messages.js'

export interface MessagesController {
  readonly current: Messages
}

export interface MessagesControllerOptions {
  readonly loader?: LanguageLoader
  /** For asking again for a language that could not be loaded. */
  readonly setTimer?: SetTimer
}

/** One for all elements of the page. */
const pageLoader = createLanguageLoader()
const RETRY_MS = 30_000

/**
 * The words of an element: its own over those of its language, which is what the nearest `lang` says, here or around it, out of every shadow tree.
 * While a language is on its way, or cannot be had, the words stay what they were, at first English.
 *
 * It gives the element a `dir` where its words run in another direction than the text around it and nobody has said which one it shall have.
 */
export function messagesController(
  host: ReactiveControllerHost & HTMLElement & { readonly messages: OwnMessages | undefined },
  { loader = pageLoader, setTimer = pageTimer }: MessagesControllerOptions = {},
): MessagesController {
  let context: LanguageContext = { lang: '', direction: 'ltr', isDirectionSaid: false }
  let wanted: LanguageMatch | undefined
  let asked: LanguageMatch | undefined
  let found: Messages = english
  let mixed: { readonly found: Messages; readonly own: OwnMessages; readonly isWhole: boolean; readonly messages: Messages } | undefined
  let observer: MutationObserver | undefined
  let cancelRetry: (() => void) | undefined
  /** The `dir` that is set here, and by nobody else. */
  let ownDirection = ''

  const mix = () => {
    const own = host.messages
    if (own == null) return undefined
    if (mixed?.own !== own || mixed.found !== found) {
      mixed = { found, own, isWhole: isWhole(own), messages: withOwnMessages(found, own) }
    }
    return mixed
  }
  const current = () => mix()?.messages ?? found

  const show = () => {
    const match = wanted
    if (!match) return
    const messages = loader.find(match)
    if (messages && messages !== found) {
      found = messages
      host.requestUpdate()
    }
    // What nobody would see is not loaded.
    if (!messages && match !== asked && !mix()?.isWhole) ask(match)
  }

  const ask = (match: LanguageMatch) => {
    cancelRetry?.()
    asked = match
    loader.load(match.language).then(show, () => {
      if (match !== asked) return
      cancelRetry = setTimer(() => {
        asked = undefined
        show()
      }, RETRY_MS)
    })
  }

  const read = () => {
    const chain = selfAndAncestors(host)
    context = readLanguageContext(chain, host.dir === ownDirection ? '' : host.dir)
    const match = matchLanguage(context.lang)
    if (match.locale !== wanted?.locale) {
      wanted = match
      show()
    }
    direct()
    return chain
  }

  const direct = () => {
    // Whoever else has set one is not overruled.
    if (host.dir !== ownDirection) return
    const { locale } = current()
    const direction = directionOf(locale)
    const isSaid = context.isDirectionSaid && locale === found.locale
    ownDirection = isSaid || direction === context.direction ? '' : direction
    if (host.dir === ownDirection) return
    if (ownDirection === '') host.removeAttribute('dir')
    else host.dir = ownDirection
  }

  host.addController({
    hostConnected() {
      observer = new MutationObserver(read)
      for (const element of read()) observer.observe(element, { attributeFilter: ['lang', 'dir'] })
    },
    hostDisconnected() {
      observer?.disconnect()
      cancelRetry?.()
      wanted = asked = undefined
    },
    hostUpdate() {
      show()
      direct()
    },
  })

  return {
    get current() {
      return current()
    },
  }
}
