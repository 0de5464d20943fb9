import type { Uploader } from '@upload-panel/core'
import '@upload-panel/widget/types/svelte'
import type { SvelteHTMLElements } from 'svelte/elements'

declare const uploader: Uploader

/** As Svelte's compiler checks `<upload-panel … />`. */
export const right: SvelteHTMLElements['upload-panel'] = {
  class: 'tray',
  theme: 'light',
  uploader,
  maxFiles: 3,
  'max-size': '5000000',
  'no-auto-start': true,
  'onupload-completed': ({ detail: { item } }) => void item.result,
  'on:batch-completed': ({ detail: { items } }) => void items.length,
}

export const wrong: readonly SvelteHTMLElements['upload-panel'][] = [
  // @ts-expect-error no such theme
  { theme: 'blue' },
  // @ts-expect-error no such property
  { maxFile: 3 },
  // @ts-expect-error another detail
  { 'onupload-added': ({ detail: { item } }) => void item },
]
