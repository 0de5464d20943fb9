import type { Translation } from './messages.js'

export const hi: Translation = () => ({})
