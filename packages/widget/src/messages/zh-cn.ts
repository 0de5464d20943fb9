import type { Translation } from './messages.js'

export const zhCn: Translation = () => ({})
