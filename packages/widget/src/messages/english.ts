import { createMessages } from './create-messages.js'
import { en } from './en.js'
import type { Messages } from './messages.js'

/** Built in: what is said until another language is there. */
export const english: Messages = createMessages('en', en)
