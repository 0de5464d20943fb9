import type { HTMLAttributes, ReservedProps } from 'vue'
import type { WidgetElements } from './elements.js'

type PascalCase<S extends string> = S extends `${infer Head}-${infer Rest}` ? `${Capitalize<Head>}${PascalCase<Rest>}` : Capitalize<S>
/** `@upload-added` of templates is `onUploadAdded` to types. */
type Handlers<E> = { [K in keyof E & string as `on${PascalCase<K>}`]?: ((event: E[K]) => void) | undefined }
type Attributes = {
  [N in keyof WidgetElements]: Omit<HTMLAttributes, keyof WidgetElements[N]['props']> &
    WidgetElements[N]['props'] &
    Handlers<WidgetElements[N]['events']>
}
/** As templates see them. */
type Components = { [N in keyof Attributes]: new () => { $props: Attributes[N] & ReservedProps } }

declare module 'vue' {
  interface GlobalComponents extends Components {}
  interface IntrinsicElementAttributes extends Attributes {}
}
