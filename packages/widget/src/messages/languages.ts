import type { Catalogue } from './messages.js'

/** Languages besides English, each loaded when an element asks for it. */
export const LANGUAGES = {
  ar: () => import('./ar.js').then(({ ar }) => ar),
  de: () => import('./de.js').then(({ de }) => de),
  es: () => import('./es.js').then(({ es }) => es),
  fr: () => import('./fr.js').then(({ fr }) => fr),
  he: () => import('./he.js').then(({ he }) => he),
  hi: () => import('./hi.js').then(({ hi }) => hi),
  ja: () => import('./ja.js').then(({ ja }) => ja),
  'pt-BR': () => import('./pt-br.js').then(({ ptBr }) => ptBr),
  'zh-CN': () => import('./zh-cn.js').then(({ zhCn }) => zhCn),
} satisfies Readonly<Record<string, () => Promise<Catalogue>>>

export type Language = keyof typeof LANGUAGES | 'en'
