import type { Translation } from './messages.js'

export const he: Translation = () => ({})
