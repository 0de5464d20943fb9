import type { HTMLAttributes } from 'svelte/elements'
import type { WidgetElements } from './elements.js'

/** `onupload-added` of Svelte 5, and `on:upload-added` of the versions before. */
type Handlers<E> = {
  [K in keyof E & string as `on${K}` | `on:${K}`]?: ((event: E[K]) => void) | undefined
}
type Elements = {
  [N in keyof WidgetElements]: Omit<HTMLAttributes<WidgetElements[N]['element']>, keyof WidgetElements[N]['props']> &
    WidgetElements[N]['props'] &
    Handlers<WidgetElements[N]['events']>
}

declare module 'svelte/elements' {
  interface SvelteHTMLElements extends Elements {}
}
