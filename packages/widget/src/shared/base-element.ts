import { LitElement } from 'lit'
import { property } from 'lit/decorators.js'
import type { Messages } from '../messages/messages.js'
import { messagesController } from '../messages/messages-controller.js'

/** What every element of this package has: a theme, and words in the person's language. */
export abstract class BaseElement extends LitElement {
  /** `auto` follows the system. @default 'dark' */
  @property({ reflect: true }) theme: 'dark' | 'light' | 'auto' = 'dark'
  /** Words of the page's own, instead of those that belong to `lang`. */
  @property({ attribute: false }) messages: Messages | undefined

  readonly #messages = messagesController(this)

  /** The words to render with. */
  protected get words(): Messages {
    return this.#messages.current
  }
}
