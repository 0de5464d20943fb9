import type { Translation } from './messages.js'

export const ja: Translation = () => ({})
