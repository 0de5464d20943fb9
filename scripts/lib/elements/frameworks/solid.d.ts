import type { JSX } from 'solid-js'
import type { WidgetElements } from './elements.js'

type Handlers<E> = { [K in keyof E & string as `on:${K}`]?: ((event: E[K]) => void) | undefined }
type Properties<P> = { [K in keyof P & string as `prop:${K}`]?: P[K] }
type Elements = {
  [N in keyof WidgetElements]: Omit<JSX.HTMLAttributes<WidgetElements[N]['element']>, keyof WidgetElements[N]['props']> &
    WidgetElements[N]['props'] &
    Properties<WidgetElements[N]['props']> &
    Handlers<WidgetElements[N]['events']>
}

declare module 'solid-js' {
  namespace JSX {
    interface IntrinsicElements extends Elements {}
  }
}
