import type { Translation } from './messages.js'

export const es: Translation = () => ({})
