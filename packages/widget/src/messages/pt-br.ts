import type { Translation } from './messages.js'

export const ptBr: Translation = () => ({})
