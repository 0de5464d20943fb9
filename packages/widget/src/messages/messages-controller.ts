import type { ReactiveControllerHost } from 'lit'
import { english } from './english.js'
import type { Messages } from './messages.js'

export interface MessagesController {
  readonly current: Messages
}

/** The words of an element: those that it was given, else those of its language. */
export function messagesController(
  host: ReactiveControllerHost & HTMLElement & { readonly messages: Messages | undefined },
): MessagesController {
  return {
    get current() {
      return host.messages ?? english
    },
  }
}
