import type { Translation } from './messages.js'

export const fr: Translation = () => ({})
