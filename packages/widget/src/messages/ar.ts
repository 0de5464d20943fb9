import type { Translation } from './messages.js'

export const ar: Translation = () => ({})
