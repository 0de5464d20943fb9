import { property } from 'lit/decorators.js'
import type { Messages, OwnMessages } from '../messages/messages.js'
import { messagesController } from '../messages/messages-controller.js'
import { StyledElement } from './styled-element.js'

/** What every element of this package has: a theme, and words in the person's language. */
export abstract class BaseElement extends StyledElement {
  /** `auto` follows the system. @default 'dark' */
  @property({ reflect: true }) theme: 'dark' | 'light' | 'auto' = 'dark'
  /**
   * Words of the page's own, some or all; the others are those of the element's language: that of its own `lang`, else of the nearest around it.
   * Whoever has another language altogether gives its `locale`, too, which figures follow.
   *
   * @example
   * panel.messages = { dropHere: 'Drop your scans here', action: { retry: 'Once more' } }
   * @example
   * panel.messages = createMessages('nl', ({ counted }) => ({
   *   uploads: 'Uploads',
   *   completedCount: counted({ one: '# bestand klaar', other: '# bestanden klaar' }),
   * }))
   */
  @property({ attribute: false }) messages: OwnMessages | undefined

  readonly #messages = messagesController(this)

  /** The words to render with. */
  protected get words(): Messages {
    return this.#messages.current
  }
}
