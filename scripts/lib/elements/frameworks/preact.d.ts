import type { ClassAttributes, HTMLAttributes } from 'preact'
import type { WidgetElements } from './elements.js'

type Handlers<E> = { [K in keyof E & string as `on${K}`]?: ((event: E[K]) => void) | undefined }
type Elements = {
  [N in keyof WidgetElements]: Omit<HTMLAttributes<WidgetElements[N]['element']>, keyof WidgetElements[N]['props']> &
    ClassAttributes<WidgetElements[N]['element']> &
    WidgetElements[N]['props'] &
    Handlers<WidgetElements[N]['events']>
}

declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements extends Elements {}
  }
}
